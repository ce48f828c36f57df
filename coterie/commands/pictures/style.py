"""The colours of the pictures: for light and dark, by the reader's wish or the page's."""

LIGHT = (
    "--paper:#fff;--ink:#1c2430;--soft:#566072;--line:#8a94a6;--arrow:#2b5fb3;--fault:#b3261e;"
    "--view:#e4efe6;--view-ink:#1c5a2c;--item:#e9ebfb;--item-ink:#333c8f;--wash:#f3f5f8;"
    "--loop:#fbf3df;--loop-ink:#7a5200"
)
DARK = (
    "--paper:#12161c;--ink:#e6eaf0;--soft:#a3adbd;--line:#6c7789;--arrow:#8ab4f8;--fault:#ff8a80;"
    "--view:#1d3524;--view-ink:#9fdcae;--item:#262b52;--item-ink:#c0c8ff;--wash:#1b212a;"
    "--loop:#2e2714;--loop-ink:#f0cf84"
)
COLOURS = (
    f".spacetime{{{LIGHT}}}"
    f"@media(prefers-color-scheme:dark){{.spacetime{{{DARK}}}}}"
    f'[data-theme="light"] .spacetime{{{LIGHT}}}[data-theme="dark"] .spacetime{{{DARK}}}'
)
SHAPES = """
.spacetime{font:12px ui-sans-serif,system-ui,"Segoe UI",Roboto,sans-serif;color:var(--ink)}
.spacetime text{fill:var(--ink)}
.spacetime .paper{fill:var(--paper)}
.spacetime .head rect{fill:var(--wash);stroke:var(--line)}
.spacetime .head text{font-weight:600}
.spacetime .liar rect{stroke:var(--fault);stroke-dasharray:4 3}
.spacetime .life,.spacetime .dead{stroke:var(--line);stroke-width:1.5;fill:none}
.spacetime .dead{stroke-dasharray:2 5}
.spacetime .number{fill:var(--soft);text-anchor:end;font-size:11px}
.spacetime .dot{fill:var(--ink)}
.spacetime .ring{fill:var(--paper);stroke:var(--ink);stroke-width:2}
.spacetime .bolt{fill:var(--fault);stroke:var(--paper);stroke-width:1}
.spacetime .fault .dot{fill:var(--fault)}
.spacetime .label{font-size:11px}
.spacetime .label{paint-order:stroke;stroke:var(--paper);stroke-width:3px;stroke-linejoin:round}
.spacetime .fault .label{fill:var(--fault)}
.spacetime .flight{fill:var(--soft);font-style:italic}
.spacetime .shaft{fill:none;stroke:var(--arrow);stroke-width:1.6}
.spacetime .tip{fill:var(--arrow)}
.spacetime .lost .shaft,.spacetime .forged .shaft{stroke:var(--fault)}
.spacetime .lost .shaft,.spacetime .unheard .shaft{stroke-dasharray:5 4}
.spacetime .unheard .shaft{stroke:var(--line);stroke-width:1.2}
.spacetime .unheard .tip{fill:var(--line)}
.spacetime .forged .tip{fill:var(--fault)}
.spacetime .cross{stroke:var(--fault);stroke-width:2.4;fill:none}
.spacetime .lost text{fill:var(--fault)}
.spacetime .box text{font-size:11px}
.spacetime .view rect{fill:var(--view);stroke:var(--view-ink)}
.spacetime .view text{fill:var(--view-ink);font-weight:600}
.spacetime .delivery rect,.spacetime .result rect{fill:var(--item);stroke:var(--item-ink)}
.spacetime .delivery text,.spacetime .result text{fill:var(--item-ink)}
.spacetime .fold rect{fill:var(--wash);stroke:var(--line);stroke-dasharray:3 3}
.spacetime .fold text,.spacetime .forever{fill:var(--soft);font-size:11px}
.spacetime .loop{fill:var(--loop)}
.spacetime .round{fill:none;stroke:var(--loop-ink);stroke-width:1.6}
.spacetime .tip.round{fill:var(--loop-ink)}
.spacetime .forever{fill:var(--loop-ink)}
""".replace("\n", "")
STYLE = COLOURS + SHAPES
