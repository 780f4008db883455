// How the page looks: on a wide screen, a phone, paper; light and dark as the reader's system is.
// Tests    tsucTests/Report/ReportTests.swift

/// The page's one style sheet.
enum Stylesheet {
  /// The rules, with colours for so many clusters or classes.
  static func text(colours: Int) -> String {
    """
    :root { color-scheme: light dark; --page: #fff; --ink: #1c1e21; --faint: #5f6670; --rule: #dfe2e6; --card: #f6f7f9;
      --accent: #33508f; --bar: #b9c3d6; --frame: #d4351c; --on-dark: #fff; \(Palette.variables(count: colours, isDark: false)) }
    @media screen and (prefers-color-scheme: dark) { :root { --page: #15171a; --ink: #e8eaed; --faint: #9aa1ab; --rule: #33373d;
      --card: #1e2125; --accent: #9db7f0; --bar: #46506a; --frame: #ff7a5c; --on-dark: #10131a;
      \(Palette.variables(count: colours, isDark: true)) } }
    * { box-sizing: border-box; }
    body { font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; margin: 0; color: var(--ink);
      background: var(--page); -webkit-text-size-adjust: 100%; }
    main { max-width: 68rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }
    h1 { font-size: clamp(1.5rem, 4vw, 2.2rem); line-height: 1.2; margin: 0 0 1.5rem; text-wrap: balance; }
    h2 { font-size: 1.3rem; margin: 3rem 0 .25rem; padding-top: 1rem; border-top: 1px solid var(--rule); }
    h3 { font-size: 1rem; margin: 0 0 .25rem; overflow-wrap: anywhere; }
    p { max-width: 46rem; margin: .25rem 0 1rem; } .lead { font-size: 1.1rem; }
    .kicker { color: var(--faint); margin: 0; font-size: .9rem; } .note { color: var(--faint); font-size: .85rem; margin: .5rem 0 .25rem; }
    .answer table { margin-top: .75rem; } .answer { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); gap: 1rem 3rem; align-items: start; }
    .tiles { display: flex; flex-wrap: wrap; gap: 1rem 3rem; margin-bottom: 1.25rem; }
    .tiles div { display: flex; flex-direction: column; line-height: 1.15; }
    .tiles data { font-size: 2.6rem; font-weight: 650; letter-spacing: -.02em; font-variant-numeric: tabular-nums; }
    .tiles div:first-child data { color: var(--accent); } .tiles span { color: var(--faint); font-size: .9rem; }
    table { border-collapse: collapse; font-size: .92rem; font-variant-numeric: tabular-nums; margin: .5rem 0 1rem; }
    td, th { padding: .25rem .75rem .25rem 0; border-bottom: 1px solid var(--rule); text-align: right; font-weight: 400; }
    th { color: var(--faint); } td:first-child, th:first-child { text-align: left; } .chosen td { font-weight: 650; }
    .facts { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1.25rem; font-size: .92rem; margin: 1.5rem 0 0; }
    .facts dt { color: var(--faint); } .facts dd { margin: 0; overflow-wrap: anywhere; }
    .cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 19rem), 1fr)); gap: 1rem; }
    article { background: var(--card); border-radius: .6rem; padding: 1rem; --page: var(--card); break-inside: avoid; min-width: 0; }
    article p { font-size: .9rem; margin-bottom: .5rem; }
    .swatch { display: inline-block; width: .8em; height: .8em; border-radius: .2em; margin-right: .5em; }
    .sheet { display: block; width: 100%; height: auto; } .sheet image { image-rendering: pixelated; }
    .blank { fill: var(--page); } .cell { fill: transparent; }
    .framed { stroke: var(--frame); stroke-width: 2.5px; vector-effect: non-scaling-stroke; }
    .cell:hover { stroke: var(--ink); stroke-width: 2.5px; vector-effect: non-scaling-stroke; }
    figure { margin: 0; min-width: 0; break-inside: avoid; } figcaption { font-size: .9rem; font-weight: 600; margin-bottom: .25rem; }
    .charts, .maps { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 1.75rem 1.5rem; }
    .chart { display: block; width: 100%; height: auto; overflow: visible; } .bars { max-width: 34rem; margin-bottom: 1rem; }
    .charts .chart { max-width: 34rem; } .confusion .chart { margin-top: .5rem; }
    svg text { font-size: 11.5px; fill: var(--ink); stroke: none; } svg .tick { fill: var(--faint); font-size: 11px; }
    svg text.end { text-anchor: end; } svg text.middle, svg text.count { text-anchor: middle; }
    .grid { stroke: var(--rule); } line.tick { stroke: var(--faint); } .mark { stroke: var(--faint); stroke-dasharray: 2 3; opacity: .7; }
    .bar { fill: var(--bar); } .bar.strong { fill: var(--accent); }
    \(Palette.rules(count: colours))
    .line { fill: none; stroke-width: 1.5; stroke-linejoin: round; } .line.strong { stroke-width: 3; } .dashed { stroke-dasharray: 5 4; }
    .leader { stroke-width: .75; opacity: .6; } text.strong { font-weight: 700; }
    \((0..<colours).map { ".b\($0) { background: var(--c\($0)); }" }.joined(separator: " "))
    .legend span { display: inline-block; margin-right: 1em; font-size: .85rem; }
    .cell-of-table { fill: var(--accent); stroke: var(--rule); } .matched { stroke: var(--accent); stroke-width: 1.5; }
    svg .count { font-size: 12px; font-variant-numeric: tabular-nums; pointer-events: none; } svg .count.on-dark { fill: var(--on-dark); }
    .map { position: relative; background: var(--card); border-radius: .6rem; --page: var(--card); }
    .map circle { fill-opacity: .8; } .map circle.ring { stroke: var(--ink); stroke-width: 1.2; fill-opacity: 1; }
    .map i { position: absolute; left: calc(var(--u) * 1%); top: calc(var(--v) * 1%); width: 11px; height: 11px; margin: -5.5px; }
    .map i:hover { z-index: 2; outline: 2px solid var(--ink); border-radius: 50%; }
    .map i:hover::before, .map i:hover::after { content: ""; position: absolute; pointer-events: none; left: 50%; bottom: calc(100% + 30px);
      transform: translateX(calc(var(--u) * -1%)); image-rendering: pixelated; border: 2px solid var(--ink); box-sizing: content-box; background-color: var(--card); }
    .map i:hover::after { content: attr(data-t); bottom: calc(100% + 4px); font: 12px/20px system-ui, sans-serif; white-space: nowrap; padding: 0 .5em;
      color: var(--page); background: var(--ink); border: 0; }
    .names text { font-size: 13px; font-weight: 700; text-anchor: middle; paint-order: stroke; stroke: var(--page); stroke-width: 4px; stroke-linejoin: round; }
    .of-classes, #by-label:checked ~ .maps .of-clusters { display: none; } #by-label:checked ~ .maps .of-classes { display: inline; }
    input[type=radio] { position: absolute; opacity: 0; } input + label { display: inline-block; padding: .2rem .9rem; border: 1px solid var(--rule);
      border-radius: 2rem; margin: 0 .4rem .75rem 0; cursor: pointer; font-size: .9rem; }
    input:checked + label { background: var(--ink); color: var(--page); } input:focus-visible + label { outline: 2px solid var(--accent); }
    .pairs { display: grid; gap: .6rem; align-items: start; }
    .views { width: 100%; max-width: 46rem; } .views td { width: 100%; padding: 0; border: 0; } .views th { white-space: nowrap; border: 0; }
    .constants { columns: 2 26rem; column-gap: 2.5rem; } .constants table { width: 100%; margin-bottom: 1.5rem; } .constants tr { break-inside: avoid; }
    .constants td { overflow-wrap: anywhere; padding-right: 0; } .constants td:last-child { overflow-wrap: normal; } .constants td:first-child { padding-right: 1rem; }
    @media (max-width: 34rem) { main { padding: 1.25rem .9rem 3rem; } .tiles { gap: .75rem 2rem; } .tiles data { font-size: 2rem; }
      .facts { grid-template-columns: 1fr; } .facts dd { margin-bottom: .5rem; } .chart text { font-size: 12.5px; } .views th, .views td { display: block; text-align: left; }
      .scores td, .scores th { padding-right: .5rem; } }
    @media print { :root { color-scheme: light; } body { font-size: 11pt; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
      main { max-width: none; padding: 0; } h2 { margin-top: 1.5rem; } h2, h3, section > p { break-after: avoid; } input, input + label, .map i { display: none; }
      #confusion, #embedding, #heads, #neighbours, #views { break-inside: avoid; } .cards { grid-template-columns: repeat(3, 1fr); } .charts, .maps { grid-template-columns: 1fr 1fr; } .constants { columns: 2; font-size: 9pt; } }
    """
  }
}
