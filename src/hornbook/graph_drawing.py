"""Graphs to look at: as a tree in the terminal, and as an SVG file that needs no other file."""

from html import escape

from hornbook.errors import HornbookError
from hornbook.palette import css, family

MOST = 200  # nodes that can still be told apart in a picture
HEIGHT, ACROSS, DOWN = 46, 40, 14  # pixels: of a box, and between boxes
STYLE = """
svg.hornbook{font:12px system-ui,sans-serif}
svg.hornbook text{fill:var(--ink);text-anchor:middle}svg.hornbook text.grad{fill:var(--loss)}
svg.hornbook text.op{font-weight:700}svg.hornbook path{stroke:var(--faint);fill:none}
svg.hornbook rect.paper{fill:var(--paper)}
svg.hornbook rect.node{fill:var(--paper);stroke:var(--hue);stroke-width:1.5}
"""


def title(graph, node):
    """The name of a node that has one, else its operation."""
    label = graph.owner[node]
    if label and _names_it(graph, node):
        return label
    return graph.op[node] or "constant"


def _names_it(graph, node):
    base, *index = graph.owner[node].replace("]", "").split("[")
    nodes = graph.numbers[base]
    return len(index) == nodes.ndim and nodes[tuple(map(int, index))] == node


def tree(graph, node=-1, depth=None):
    """The node and all it was made from as lines of text, `depth` steps down; what was shown before is not again.

    More than MOST nodes raise HornbookError.
    """
    top = _below(graph, node, depth)[-1]
    return "\n".join(_branch(graph, top, depth, "", "", set()))


def _branch(graph, node, depth, lead, indent, seen):
    name = title(graph, node)
    name += f"  {graph.op[node]}" if graph.op[node] not in ("", name) else ""
    yield f"{lead}{name}  {graph.value[node]:.6g}  grad {graph.grad[node]:.6g}"
    children = graph.children[node]
    if children and (depth == 0 or node in seen):
        yield f"{indent}└─ …"
        return
    seen.add(node)
    for i, child in enumerate(children, 1):
        corner, below = ("└─ ", "   ") if i == len(children) else ("├─ ", "│  ")
        yield from _branch(graph, child, depth and depth - 1, indent + corner, indent + below, seen)


def svg(graph, node=-1, depth=None):
    """The node and all it was made from, `depth` steps down, left to right; value and gradient stand in every box.

    More than MOST nodes raise HornbookError.
    """
    shown = _below(graph, node, depth)
    parents, column = _columns(graph, shown)
    box = 24 + 7 * max(13, *(len(title(graph, node)) for node in shown))
    left = {item: ACROSS / 2 + (max(column.values()) - i) * (box + ACROSS) for item, i in column.items()}
    middle = {item: DOWN + HEIGHT / 2 + row * (HEIGHT + DOWN) for item, row in _rows(parents, column).items()}
    width, height = max(left.values()) + box + ACROSS / 2, max(middle.values()) + HEIGHT / 2 + DOWN
    drawn = [_edge(left[item] + box, middle[item], left[end], middle[end]) for item in parents for end in parents[item]]
    drawn += [f'<path d="M{left[item]:g} {middle[item]:g}h{box}"/>' for item in parents if item not in shown]
    drawn += [_box(graph, node, left[node], middle[node], box) for node in shown]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="hornbook" width="{width:g}" height="{height:g}"'
        f' viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{escape(title(graph, shown[-1]))}">'
        f"<style>{css('svg.hornbook')}{STYLE}</style>"
        f'<rect class="paper" width="{width:g}" height="{height:g}"/>{"".join(drawn)}</svg>'
    )


def _below(graph, node, depth):
    """The node and what lies at most `depth` steps under it, in the graph's order, the node itself last."""
    found = edge = {range(len(graph))[node]}
    while edge and depth != 0:
        edge = {child for node in edge for child in graph.children[node]} - found
        found = found | edge
        depth = depth and depth - 1
    if len(found) > MOST:
        raise HornbookError(f"{len(found):,} nodes are too many to draw, more than {MOST}; try a depth of 3.")
    return sorted(found)


def _columns(graph, shown):
    """Each item's parents one column to its right, and its column, counted from the result at 0.

    Items are the nodes, as far right as they can be, and (node, column) wherever a node's edge passes through.
    """
    column, parents = {shown[-1]: 0}, {shown[-1]: []}
    operands = {node: [child for child in graph.children[node] if child in set(shown)] for node in reversed(shown)}
    for node, children in operands.items():
        for child in children:
            column[child] = max(column.get(child, 0), column[node] + 1)
    for node, children in operands.items():
        for child in children:
            end = node
            for i in range(column[node] + 1, column[child]):
                column[child, i] = i
                parents.setdefault((child, i), []).append(end)
                end = child, i
            parents.setdefault(child, []).append(end)
    return {item: list(dict.fromkeys(ends)) for item, ends in parents.items()}, column


def _rows(parents, column):
    """A row for each item, near the middle of its parents', from the result on the right to the left."""
    items = {i: [item for item in parents if column[item] == i] for i in range(max(column.values()) + 1)}
    most, row = max(map(len, items.values())), {}
    for i in items:
        ordered = sorted(items[i], key=lambda item: sum(row[end] for end in parents[item]) / max(1, len(parents[item])))
        row |= {item: j + (most - len(ordered)) / 2 for j, item in enumerate(ordered)}
    return row


def _edge(x, y, x_end, y_end):
    half = (x + x_end) / 2
    return f'<path d="M{x:g} {y:g}C{half:g} {y:g} {half:g} {y_end:g} {x_end:g} {y_end:g}"/>'


def _box(graph, node, x, middle, width):
    base = graph.owner[node].split("[")[0]
    centre, hue = x + width / 2, family(base) if len(base) > 1 else "stream"  # a formula's "b" is no bias
    return (
        f'<g style="--hue:var(--{hue})"><title>{escape(graph.describe(node))}</title>'
        f'<rect class="node" x="{x:g}" y="{middle - HEIGHT / 2:g}" width="{width}" height="{HEIGHT}" rx="6"/>'
        f'<text class="op" x="{centre:g}" y="{middle - 9:g}">{escape(title(graph, node))}</text>'
        f'<text x="{centre:g}" y="{middle + 5:g}">{graph.value[node]:.5g}</text>'
        f'<text class="grad" x="{centre:g}" y="{middle + 18:g}">grad {graph.grad[node]:.5g}</text></g>'
    )
