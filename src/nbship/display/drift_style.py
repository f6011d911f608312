"""The style of drift reports: short class names, because they are repeated hundreds of times in a page."""

from __future__ import annotations

__all__ = ["DRIFT_STYLE", "PLOT_STYLE"]

# Hidden text is for screen readers. The class nbship stands thrice where the shared look and JupyterLab style tables.
PLOT_STYLE = """
.nd{--nd-drift:var(--jp-warn-color0,#b04a00);--nd-now:var(--jp-brand-color1,#1976d2);--nd-ink:var(--jp-ui-font-color1,currentColor);
--nd-dim:var(--jp-ui-font-color2,#757575);--nd-line:var(--jp-border-color2,rgba(128,128,128,.35));max-width:1020px}
.nd-h{font-size:17px;line-height:1.4;margin:2px 0 4px;text-wrap:pretty;overflow-wrap:anywhere}.nd-h b{font-weight:650}
.nd-h .nd-i{color:var(--nd-state);margin-right:.35em}
.nd-m,.nd-f{color:var(--nd-dim);overflow-wrap:anywhere;max-width:84em}.nd-m b{font-weight:600;color:var(--nd-ink)}
.nd-m bdi,.nd-h bdi,.nd-c bdi{unicode-bidi:isolate}
.nd-D{--nd-state:var(--nd-drift)}.nd-T,.nd-M{--nd-state:var(--jp-error-color1,#c62828)}
.nd-N{--nd-state:var(--nd-now)}.nd-H,.nd-K{--nd-state:var(--nd-dim)}.nd-S{--nd-state:var(--jp-success-color1,#2e7d32)}
.nd-x{overflow-x:auto}.nd-x:focus-visible,.nd summary:focus-visible{outline:2px solid var(--nd-now);outline-offset:2px;border-radius:3px}
.nd-i{color:var(--nd-state);white-space:nowrap}.nd-D .nd-i,.nd-T .nd-i,.nd-M .nd-i{font-weight:600}
.nd-s{display:block;width:124px;height:31px;overflow:visible}
.nd-s path,.nd-lg path{fill:none;stroke:var(--nd-ink);stroke-width:1.3;vector-effect:non-scaling-stroke;stroke-linejoin:round}
.nd .c{fill:var(--nd-now);fill-opacity:.38;stroke:none}
.nd-r>summary:before{content:"";position:absolute;left:2px;top:.42em;border:solid var(--nd-dim);border-width:0 1.5px 1.5px 0;padding:2.3px;transform:rotate(-45deg)}
.nd-d{display:flex;flex-wrap:wrap;gap:14px 36px;padding:12px 0 2px 15px;color:var(--nd-ink)}
.nd-d>figure{margin:0;flex:1 1 380px;max-width:480px}.nbship.nbship figure>.nd-q{margin-top:10px}.nd-d>div{flex:1 1 330px;min-width:0;max-width:420px}
.nd figcaption{color:var(--nd-dim);font-size:12px;margin-top:2px}
.nd-p{display:block;width:100%;height:auto;overflow:visible}
.nd-p text{font:11px var(--jp-ui-font-family,system-ui,sans-serif);fill:var(--nd-dim);text-anchor:middle;font-variant-numeric:tabular-nums}
.nd-p .e{text-anchor:end}.nd-p .n{text-anchor:start}
.nd-p .r{fill:none;stroke:var(--nd-ink);stroke-width:1.5;stroke-linejoin:round}
.nd-p .g{stroke:var(--nd-line);stroke-width:1;stroke-dasharray:2 3;fill:none}.nd-p .a{stroke:var(--nd-dim);stroke-width:1;fill:none}
.nd-p .m.c{fill-opacity:.8}
.nbship.nbship.nbship .nd-k{table-layout:auto;line-height:1.5;width:100%;margin:0 0 10px;font-size:12px;border:0}
.nbship.nbship.nbship .nd-k tr,.nbship.nbship.nbship .nd-k td,.nbship.nbship.nbship .nd-k th{background:none;border:0}
.nbship.nbship.nbship .nd-k :is(td,th){padding:1.5px 0 1.5px 14px;text-align:right;font-weight:400;max-width:none;overflow-wrap:break-word}
.nbship.nbship.nbship .nd-k :is(td,th):first-child{padding-left:0;text-align:left;color:var(--nd-dim)}
.nbship.nbship.nbship .nd-k tr:first-child th{border-bottom:1px solid var(--nd-line);color:var(--nd-dim)}
.nbship.nbship .nd-q{margin:0;padding:0;list-style:none;font-size:12px;line-height:1.5;color:var(--nd-dim);overflow-wrap:anywhere}.nbship.nbship .nd-q li{margin:0 0 2px;list-style:none}
.nd-w{margin-top:20px}.nd-t4{font-size:14px;font-weight:600;margin:0 0 4px}
.nbship.nbship.nbship .nd-hm{table-layout:auto;border-collapse:separate;border-spacing:2px;margin:0;font-size:12px;border:0;width:auto}
.nbship.nbship.nbship .nd-hm tr{background:none;border:0}
.nbship.nbship.nbship .nd-hm :is(td,th){padding:0;border:0;background:none;text-align:center;font-weight:400;min-width:20px;height:21px;line-height:21px;max-width:none;vertical-align:middle;border-radius:2px;color:var(--nd-dim)}
.nbship.nbship.nbship .nd-hm td{background:rgba(128,128,128,.09)}
.nbship.nbship.nbship .nd-hm th:first-child{text-align:left;padding-right:12px;color:var(--nd-ink);white-space:nowrap;max-width:17em;overflow:hidden;text-overflow:ellipsis}
.nbship.nbship.nbship .nd-hm thead th{height:auto;vertical-align:bottom;line-height:1.25}
.nbship.nbship.nbship .nd-hm thead th span{writing-mode:vertical-rl;transform:rotate(180deg);white-space:nowrap;padding-bottom:2px;font-variant-numeric:tabular-nums}
.nbship.nbship.nbship .nd-hm .nd-b{background:none;text-align:left;padding-left:12px}
.nbship.nbship.nbship .nd-hm :is(.w1,.w2,.w3){color:var(--nd-ink);background:color-mix(in srgb,var(--nd-drift) 18%,transparent)}
.nbship.nbship.nbship .nd-hm .w2{background:color-mix(in srgb,var(--nd-drift) 36%,transparent)}
.nbship.nbship.nbship .nd-hm .w3{background:color-mix(in srgb,var(--nd-drift) 56%,transparent)}
.nbship.nbship.nbship .nd-hm .w0{background:none}
.nd-t{display:block;overflow:visible}.nd-t path{fill:none;stroke:var(--nd-now);stroke-width:1.4;stroke-linejoin:round}
.nd-a{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.nd-f{margin-top:14px}.nd-f p{margin:2px 0}
"""
"""Headline, drawings, details and windows: all but the table of columns."""

_TABLE = """
.nd-y{display:flex;flex-wrap:wrap;gap:2px 20px;align-items:center;color:var(--nd-dim);margin:14px 0 4px}
.nd-lg{display:inline-flex;align-items:center;gap:6px}
.nd-lg svg{width:24px;height:12px;overflow:visible}
.nbship.nbship.nbship .nd-tb{table-layout:fixed;width:100%;min-width:880px;margin:0;font-size:13px;border:0}
.nbship.nbship.nbship .nd-tb>thead>tr>th{padding:4px 16px 5px 0;font-weight:500;color:var(--nd-dim);background:none;text-align:left;border:0;border-bottom:1px solid var(--jp-border-color1,#bdbdbd)}
.nbship.nbship.nbship .nd-tb>tbody>tr>*{background:none;padding:7px 16px 0 0;vertical-align:top;text-align:left;font-weight:400;max-width:none;border:0}
.nbship.nbship.nbship .nd-tb>tbody>tr:last-child>*{padding-bottom:8px}
.nbship.nbship.nbship .nd-tb>tbody>tr+tr>*{padding-top:1px}
.nbship.nbship.nbship .nd-tb>tbody+tbody{border-top:1px solid var(--nd-line)}
.nbship.nbship.nbship .nd-tb>tbody>tr,.nbship.nbship.nbship .nd-tb>thead>tr{background:none;border:0}
.nbship.nbship.nbship .nd-tb>tbody>tr>.nd-n,.nbship.nbship.nbship .nd-tb>thead>tr>.nd-n{padding-right:0}
.nd-c b{display:block;overflow:hidden;text-overflow:ellipsis;white-space:nowrap;font-weight:600}.nd-S .nd-c b,.nd-K .nd-c b{font-weight:500}
.nd-c i{font-style:normal;color:var(--nd-dim);font-size:12px}
.nd-e{display:inline-block;position:relative;width:84px;height:7px;margin-left:9px;border-radius:3.5px;background:rgba(128,128,128,.17);vertical-align:1px}
.nd-e i{display:block;height:100%;border-radius:3.5px;background:var(--nd-dim);opacity:.75}.nd-D .nd-e.nd-o1 i{background:var(--nd-drift);opacity:1}
.nd-e:after{content:"";position:absolute;left:50%;top:-4px;bottom:-4px;border-left:1.5px solid var(--nd-ink)}
.nd-v{display:inline-block;min-width:46px;text-align:right}
.nd-e.nd-o{width:48px}.nd-e.nd-o:after{content:none}.nd .nd-e.nd-o i{background:var(--nd-ink);opacity:.5}
.nd-u{white-space:nowrap}.nd-u b{color:var(--nd-drift);font-weight:600}.nd-z{color:var(--nd-dim)}
.nd summary{cursor:pointer}.nd-r,.nd-r>summary{color:var(--nd-ink);line-height:1.45;overflow-wrap:anywhere}
.nd-S .nd-r,.nd-K .nd-r,.nd-S .nd-r>summary,.nd-K .nd-r>summary{color:var(--nd-dim)}
.nd-r>summary{list-style:none;position:relative;padding-left:15px}.nd-r>summary::-webkit-details-marker{display:none}
.nd-r[open]>summary:before{transform:rotate(45deg);top:.36em}.nd-r>summary:hover:before{border-color:var(--nd-ink)}
div.nd-r{padding-left:15px}.nd-l{display:inline-block;unicode-bidi:isolate;direction:ltr;margin-left:1em;color:var(--nd-now)}.nd-l:first-of-type{margin-left:.9em}
.nd-g{margin:10px 0 0}.nd-g>summary{color:var(--nd-now);padding:3px 0}
.nd-g .nd-tb thead{visibility:collapse}
"""

DRIFT_STYLE = PLOT_STYLE + _TABLE
"""The whole report."""
