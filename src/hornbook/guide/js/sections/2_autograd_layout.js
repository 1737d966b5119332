// Where the nodes of a graph go: a layer for each depth, leaves next to what first uses them, long edges kept free.

const ACROSS = { node: 58, lane: 22, gap: 16, port: 22 }, ALONG = { node: 84, gap: 39 }; // from left to right
const UPRIGHT = { across: { node: 84, lane: 26, gap: 8, port: 40 }, along: { node: 58, gap: 36 } }; // from top to bottom

// {width, height, boxes: [{node, x, y, width, height}], edges: [{node, i, path, x, y}]}; (x, y) of an edge is its label's.
export function layout(order, upright) {
  const across = upright ? UPRIGHT.across : ACROSS, along = upright ? UPRIGHT.along : ALONG;
  const depth = depths(order), edges = edgesOf(order), layers = Array.from({ length: Math.max(...depth.values()) + 1 }, () => []);
  for (const node of order) layers[depth.get(node)].push({ node, before: [], after: [] });
  const slots = new Map(layers.flat().map((slot) => [slot.node, slot]));
  for (const edge of edges) edge.slots = lanes(edge, layers, depth, slots, across.port);
  place(layers, across);
  untangle(edges);
  const breadth = Math.max(...layers.map((layer) => layer.at(-1).w + layer.at(-1).size / 2)) - Math.min(...layers.map(([slot]) => slot.w - slot.size / 2));
  const low = Math.min(...layers.map(([slot]) => slot.w - slot.size / 2)), step = along.node + along.gap;
  const point = (u, w) => (upright ? [w - low + 4, u + 4] : [u + 4, w - low + 4]);
  const boxes = [...slots.values()].map((slot) => box(slot, depth.get(slot.node) * step, point, across, along, upright));
  const length = (layers.length - 1) * step + along.node;
  const [width, height] = upright ? [breadth + 8, length + 8] : [length + 8, breadth + 8];
  return { width, height, boxes, edges: edges.map((edge) => line(edge, depth, step, along.node, across.port, edges, point)) };
}

// The longest way from a leaf; a leaf stands just before the first that uses it.
function depths(order) {
  const depth = new Map();
  for (const node of order) depth.set(node, node.children.length ? 1 + Math.max(...node.children.map((child) => depth.get(child))) : 0);
  for (const leaf of order.filter(({ children }) => !children.length)) {
    depth.set(leaf, Math.min(...order.filter(({ children }) => children.includes(leaf)).map((node) => depth.get(node))) - 1);
  }
  return depth;
}

function edgesOf(order) {
  const all = order.flatMap((node) => node.children.map((child, i) => ({ node, child, i })));
  for (const edge of all) edge.in = edge.i - (edge.node.children.length - 1) / 2;
  return all;
}

// Edges leave a node in the order of where they go.
function untangle(edges) {
  for (const edge of edges) {
    const same = edges.filter(({ child }) => child === edge.child).sort((one, other) => one.slots[1].w - other.slots[1].w || one.i - other.i);
    edge.out = same.indexOf(edge) - (same.length - 1) / 2;
  }
}

// The slots that an edge goes through: its child's, a lane of its own in every layer between, its parent's.
function lanes({ node, child, in: into }, layers, depth, slots, port) {
  const way = [slots.get(child)];
  for (let at = depth.get(child) + 1; at < depth.get(node); at++) {
    const lane = { before: [], after: [] };
    layers[at].push(lane);
    way.push(lane);
  }
  way.push(slots.get(node));
  way.slice(1).forEach((slot, i) => {
    slot.before.push({ slot: way[i], port: 0 });
    way[i].after.push({ slot, port: slot.node ? into * port : 0 });
  });
  return way;
}

// Order every layer by the mean place of its neighbours, a few times to and fro, and stack it around the middle.
function place(layers, { node, lane, gap }) {
  for (const layer of layers) stack(layer, node, lane, gap);
  for (let round = 0; round < 6; round++) {
    const forth = round % 2 === 0, way = forth ? layers : [...layers].reverse();
    for (const layer of way.slice(1)) {
      const mean = ({ before, after, w }) => average((forth ? before : after).map(({ slot, port }) => slot.w + port), w);
      const key = new Map(layer.map((slot) => [slot, mean(slot)]));
      layer.sort((one, other) => key.get(one) - key.get(other));
      stack(layer, node, lane, gap);
    }
  }
}

function stack(layer, node, lane, gap) {
  for (const slot of layer) slot.size = slot.node ? node : lane;
  let w = -(layer.reduce((sum, { size }) => sum + size, 0) + gap * (layer.length - 1)) / 2;
  for (const slot of layer) {
    slot.w = w + slot.size / 2;
    w += slot.size + gap;
  }
}

const average = (values, usual) => (values.length ? values.reduce((sum, value) => sum + value, 0) / values.length : usual);

function box({ node, w }, u, point, across, along, upright) {
  const [x, y] = point(u, w - across.node / 2);
  return { node, x, y, width: upright ? across.node : along.node, height: upright ? along.node : across.node };
}

// Curves from slot to slot; the label is in the middle of the last.
function line({ node, child, i, slots, in: into, out }, depth, step, size, port, edges, point) {
  const from = depth.get(child), points = [[from * step + size, slots[0].w + out * Math.min(port, 44 / Math.max(1, edges.filter((edge) => edge.child === child).length - 1))]];
  slots.slice(1, -1).forEach(({ w }, at) => { const u = (from + at + 1) * step; points.push([u, w], [u + size, w]); });
  points.push([depth.get(node) * step, slots.at(-1).w + into * port]);
  const text = [`M${point(...points[0])}`];
  for (let at = 0; at + 1 < points.length; at++) {
    const [u, w] = points[at], [v, z] = points[at + 1], middle = (u + v) / 2;
    text.push(at % 2 ? `L${point(v, z)}` : `C${point(middle, w)} ${point(middle, z)} ${point(v, z)}`);
  }
  const [[u, w], [v, z]] = points.slice(-2), [x, y] = point((u + v) / 2, (w + z) / 2);
  return { node, i, child, path: text.join(""), x, y };
}
