"""Where converted values are kept."""

from nbship.profiling.column import Desk


class Sized:
    """Values of a size, which count how often they are asked for it."""

    asked = 0

    def __init__(self, size):
        self.size = size

    @property
    def owned_bytes(self):
        type(self).asked += 1
        return self.size


def test_values_are_kept_while_they_fit_and_the_oldest_go_first():
    desk, loads = Desk(), []

    def fetch(column):
        return desk.fetch(column, lambda: loads.append(column) or Sized(10 << 20))

    columns = [object() for _ in range(3)]
    for column in (columns[0], columns[1], columns[0], columns[2], columns[0], columns[1]):
        fetch(column)
    assert loads == [columns[0], columns[1], columns[2], columns[1]]
    assert desk.fetch(columns[0], lambda: Sized(100 << 20)).size == 10 << 20
    assert desk.fetch(object(), lambda: Sized(100 << 20)).size == 100 << 20


def test_a_column_of_many_is_kept_as_fast_as_one_of_few():
    desk, Sized.asked = Desk(), 0
    columns = [object() for _ in range(500)]
    for column in columns:
        desk.fetch(column, lambda: Sized(1))
    assert Sized.asked <= 4 * len(columns)
