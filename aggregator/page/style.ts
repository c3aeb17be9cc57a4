export const style = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; margin: 0 0 1.5rem; }
th, td { text-align: left; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid #8884; vertical-align: top; }
td { font-variant-numeric: tabular-nums; }
.pass { color: light-dark(#13670f, #7fd67a); }
.fail { color: light-dark(#b3261e, #ff9d94); font-weight: 600; }
.inconclusive { color: light-dark(#7a5200, #e8bd5c); }
#note:empty { display: none; }
`;
