// What has no room on a page: text beside the page or beside its button, field, cell or heading, in both directions of
// writing. `wordings` are other texts for those pieces of text that they name, each under its language.
(wordings) => {
    const html = document.documentElement;
    const BOXES = "button, .primary, .secondary, .times a, th, td, label, legend, summary, dt, dd, h1, h2, h3";
    document.querySelectorAll("details").forEach((details) => { details.open = true; });
    const texts = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const element = walker.currentNode.parentElement;
        if (walker.currentNode.data.trim() && element.checkVisibility() && !element.closest(".skip, select, textarea, pre")) {
            texts.push(walker.currentNode);
        }
    }
    const boxes = (text) => {
        const range = document.createRange();
        range.selectNodeContents(text);
        return [...range.getClientRects()].filter(({ width }) => width > 0);
    };
    const isInside = (box, left, right) => box.left >= left - 1 && box.right <= right + 1;
    const faultOf = (text) => {
        const outer = text.parentElement.closest(BOXES)?.getBoundingClientRect();
        const found = boxes(text);
        if (!found.every((box) => isInside(box, 0, html.clientWidth))) {
            return [`beside the page: ${text.data.trim()}`];
        }
        return outer && !found.every((box) => isInside(box, outer.left, outer.right))
            ? [`beside its box: ${text.data.trim()}`] : [];
    };
    const faults = (name, looked) => [
        ...html.scrollWidth > html.clientWidth ? [`${name}: scrolls sideways, to ${html.scrollWidth}`] : [],
        ...looked.flatMap(faultOf).map((fault) => `${name}: ${fault}`),
    ];

    const found = faults("ltr", texts);
    html.dir = "rtl";
    found.push(...faults("rtl", texts));
    html.removeAttribute("dir");
    const before = new Map(texts.map((text) => [text, text.data]));
    for (const [language, words] of Object.entries(wordings)) {
        const changed = texts.filter((text) => before.get(text).trim() in words);
        changed.forEach((text) => { text.data = words[before.get(text).trim()]; });
        found.push(...faults(language, changed));
        changed.forEach((text) => { text.data = before.get(text); });
    }
    return found;
}
