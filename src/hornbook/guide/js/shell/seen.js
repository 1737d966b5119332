// Work only for what is in the window: what happens out of sight is caught up with when it comes into it.

// A function that calls `update` now if the element can be seen, and else when it is, or when the page is printed.
export function whenSeen(element, update) {
  let seen = false, stale = false;
  const catchUp = () => { if (stale) { stale = false; update(); } };
  new IntersectionObserver((entries) => {
    seen = entries.at(-1).isIntersecting;
    if (seen) catchUp();
  }).observe(element);
  addEventListener("beforeprint", catchUp);
  return () => { stale = true; if (seen) catchUp(); };
}
