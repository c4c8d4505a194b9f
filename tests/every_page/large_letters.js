// This makes letters twice as large, on the narrowest phone, and returns what is wrong then: text that is outside the
// page, over other text or cut off, and words of up to LONGEST letters that are broken over two lines, though a line
// has room for them. Text in a field is left out, since it may be longer than the field.
() => {
    const LONGEST = 12;
    const html = document.documentElement;
    html.style.fontSize = "32px";
    document.querySelectorAll("details").forEach((details) => { details.open = true; });

    const isSeen = (element) => element.checkVisibility({ visibilityProperty: true })
        && !element.closest(".skip:not(:focus), select, textarea");
    const boxes = (text, from, to) => {
        const range = document.createRange();
        range.setStart(text, from);
        range.setEnd(text, to);
        return [...range.getClientRects()].filter(({ width }) => width > 0);
    };
    const texts = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        if (isSeen(walker.currentNode.parentElement)) {
            texts.push(walker.currentNode);
        }
    }
    const torn = texts.flatMap((text) => [...text.data.matchAll(/[^\s–-]+/g)]
        .filter(({ 0: word, index }) => word.length <= LONGEST && boxes(text, index, index + word.length).length > 1)
        .map(([word]) => `torn: ${word}`));

    const lines = texts.flatMap((text) => boxes(text, 0, text.length).map((box) => ({ text, box })));
    const beside = lines.filter(({ box }) => box.left < -1 || box.right > html.clientWidth + 1)
        .map(({ text }) => `beside the page: ${text.data}`);

    // The message about the connection lies over the page by design.
    const layer = (text) => text.parentElement.closest(".connection");
    const cover = (one, other) => Math.min(one.right, other.right) - Math.max(one.left, other.left) > 1
        && Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > one.height / 3;
    const over = lines.flatMap(({ text, box }) => lines
        .filter((other) => other.text !== text && layer(other.text) === layer(text) && cover(box, other.box))
        .map((other) => `over each other: ${text.data} | ${other.text.data}`));

    const cut = [...document.querySelectorAll("body *:not(input, textarea, select)")]
        .filter((element) => isSeen(element) && getComputedStyle(element).overflowX !== "visible"
            && element.scrollWidth > element.clientWidth + 1)
        .map((element) => `cut off: ${element.outerHTML}`);
    const sideways = html.scrollWidth > html.clientWidth ? [`scrolls sideways, to ${html.scrollWidth}`] : [];

    const least = parseFloat(getComputedStyle(html).fontSize);
    const small = [...document.querySelectorAll("main :is(h1, h2)")]
        .filter((heading) => isSeen(heading) && parseFloat(getComputedStyle(heading).fontSize) < least)
        .map((heading) => `no larger than text: ${heading.outerHTML}`);

    html.style.fontSize = "";
    return [...small, ...torn, ...beside, ...over, ...cut, ...sideways];
}
