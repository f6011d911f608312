"""The description of a server: valid, and true of its parser."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nbship.model.bundle import InputColumn, OutputColumn
from nbship.serving.answers import invocations_body, v2_body
from nbship.serving.openapi import openapi
from nbship.serving.parser import Parser
from nbship.serving.problems import BadRequestError
from request_bundles import column_bundle, iris_bundle, mixed_bundle, tensor_bundle

BUNDLES = {
    "iris": iris_bundle(model_version="3"),
    "mixed": mixed_bundle(),
    "nullable": column_bundle(InputColumn("x", "double", nullable=True), ("with, comma", "string")),
    "positional": column_bundle(("", "double"), ("", "long")),
    "matrix": tensor_bundle(shape=(-1, 3)),
    "images": tensor_bundle("uint8", (2, 2, -1), "image"),
    "outputs": column_bundle("x", outputs=[OutputColumn("p", "double", (2,)), OutputColumn("q", "string")]),
}


@pytest.fixture(params=BUNDLES)
def bundle(request):
    return BUNDLES[request.param]


def validator(document, name):
    jsonschema = pytest.importorskip("jsonschema")
    return jsonschema.Draft202012Validator(
        {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
    )


def body_of(document, path):
    return document["paths"][path]["post"]["requestBody"]["content"]


@pytest.mark.parametrize("token", [False, True])
def test_the_document_is_valid_openapi(bundle, token):
    jsonschema_rs = pytest.importorskip("jsonschema_rs")
    specification = pytest.importorskip("schemathesis.specs.openapi.definitions")
    document = json.loads(json.dumps(openapi(bundle, token=token)))
    assert document["openapi"] == "3.1.0"
    specification.OPENAPI_31_VALIDATOR.validate(document)
    for schema in document["components"]["schemas"].values():
        jsonschema_rs.meta.validate({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema})


def test_references_lead_somewhere_and_operations_have_names_of_their_own(bundle):
    document = openapi(bundle)
    text = json.dumps(document)
    for name in document["components"]["schemas"]:
        text = text.replace(f'"#/components/schemas/{name}"', '"found"')
    assert "#/components/schemas/" not in text
    names = [operation["operationId"] for item in document["paths"].values() for operation in item.values()]
    assert len(names) == len(set(names))


def test_every_example_is_of_its_schema_and_is_read(bundle):
    document = openapi(bundle)
    parser = Parser(bundle)
    content = body_of(document, "/invocations")
    for example in content["application/json"]["examples"].values():
        validator(document, "Invocations").validate(example["value"])
        assert parser.read(json.dumps(example["value"]).encode()).rows
    if "text/csv" in content:
        assert parser.read(content["text/csv"]["example"].encode(), "text/csv").rows
    infer = body_of(document, f"/v2/models/{bundle.name}/infer")["application/json"]["example"]
    validator(document, "InferRequest").validate(infer)
    rows = parser.read(
        json.dumps(content["application/json"]["examples"]["instances"]["value"]).encode()
    ).rows
    assert parser.read_v2(json.dumps(infer).encode()).rows == rows


def test_answers_are_of_their_schemas():
    for name, predictions in (
        ("iris", [1, 2]),
        ("mixed", [1, None]),
        ("outputs", [{"p": [0.5, None], "q": "a"}]),
        ("matrix", [[1.5], [2]]),
    ):
        document = openapi(BUNDLES[name])
        validator(document, "Predictions").validate(json.loads(invocations_body(predictions)))
        request = Parser(BUNDLES[name]).read_v2(
            json.dumps(body_of(document, "/v2/models/iris/infer")["application/json"]["example"]).encode()
        )
        answer = json.loads(v2_body(BUNDLES[name], request, predictions, "7"))
        validator(document, "InferResponse").validate(answer)


def test_refusals_are_of_their_schema():
    document = openapi(BUNDLES["iris"])
    with pytest.raises(BadRequestError) as caught:
        Parser(BUNDLES["iris"]).read(b'{"instances": [[1, null, "x", 2], [1]]}')
    validator(document, "BadRequest").validate(caught.value.to_dict("7"))


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-5, 5), st.floats(-9, 9), st.text(max_size=2)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from("abx"), inner, max_size=3)
    ),
    max_leaves=8,
)
NUMBER = st.one_of(st.integers(-5, 5), st.floats(-9, 9), st.just("1"), st.none(), st.booleans())
ROW = st.lists(NUMBER, min_size=1, max_size=3)
RECORD = st.dictionaries(st.sampled_from("abx"), NUMBER, max_size=3)
NEARLY = st.one_of(
    st.fixed_dictionaries(
        {
            "dataframe_split": st.fixed_dictionaries(
                {"columns": st.just(["a", "b"]), "data": st.lists(ROW, max_size=2)}
            )
        }
    ),
    st.dictionaries(
        st.sampled_from(["dataframe_records", "instances", "inputs"]),
        st.one_of(JSON, RECORD, st.lists(RECORD, max_size=2), st.lists(ROW, max_size=2)),
        min_size=1,
        max_size=2,
    ),
)


@settings(max_examples=500, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
@given(NEARLY)
def test_the_schema_holds_for_what_is_read_and_only_for_that(value):
    bundle = column_bundle("a", ("b", "long"))
    valid = validator(openapi(bundle), "Invocations").is_valid(value)
    found = reasons_against(Parser(bundle), json.dumps(value).encode())
    # What a schema cannot say: that all columns are of one length.
    assert valid == (not found) or (valid and found == {"shape"})


def test_paths_are_those_of_the_model():
    assert "/v2/models/iris/versions/3/infer" in openapi(BUNDLES["iris"])["paths"]
    assert not any("versions" in path for path in openapi(BUNDLES["mixed"])["paths"])


def test_a_token_is_asked_for_where_models_answer_and_not_where_engines_look():
    document = openapi(BUNDLES["iris"], token=True)
    assert document["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    assert "401" in document["paths"]["/invocations"]["post"]["responses"]
    assert "security" not in document["paths"]["/health/ready"]["get"]
    assert "security" not in json.dumps(openapi(BUNDLES["iris"]))


@pytest.mark.parametrize("name", ["iris", "nullable", "positional", "matrix", "images"])
def test_what_a_client_makes_from_the_schema_is_read(name):
    schemathesis = pytest.importorskip("schemathesis")
    bundle = BUNDLES[name]
    parser = Parser(bundle)
    reasons = []
    operation = schemathesis.openapi.from_dict(openapi(bundle))["/invocations"]["POST"]

    @settings(
        max_examples=60,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy())
    def every_case(case):
        if case.media_type != "application/json":
            return
        reasons.append(reasons_against(parser, json.dumps(case.body).encode()))

    every_case()
    assert reasons.count(set()) > 3
    # What a schema cannot say: columns are of one length, examples of one shape.
    assert all(found <= {"shape"} for found in reasons)


def reasons_against(parser, body):
    try:
        parser.read(body)
    except BadRequestError as error:
        return {str(problem.reason) for problem in error.problems}
    return set()
