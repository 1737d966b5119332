"""What a scene's source may not use: classes that need LaTeX, and ways round the kit's numerals."""

import ast

LATEX = {
    "MathTex", "Tex", "SingleStringMathTex", "Integer", "DecimalNumber", "Variable", "Matrix", "IntegerMatrix",
    "DecimalMatrix", "MathTable", "IntegerTable", "DecimalTable", "Title", "BulletedList", "BraceLabel", "BraceText",
    "BarChart", "Tex_template",
}  # fmt: skip
LATEX_CALLS = {"add_coordinates", "add_numbers", "get_axis_labels", "get_axis_label", "get_graph_label", "add_labels"}
LATEX_OPTIONS = {"include_numbers", "add_coordinates"}
ROUND_THE_KIT = {"Text", "MarkupText", "Paragraph", "Code", "Table", "Transform", "TransformMatchingShapes"}
CHANCE = {"random", "numpy.random", "time"}


def look(text):
    """(rule, what, words) for each forbidden name in the source, by line."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call):
            yield from _call(node)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            module = getattr(node, "module", None)
            names = {alias.name for alias in node.names} | ({module} if module else set())
            for name in sorted(names & CHANCE):
                yield "source", f"line {node.lineno}", f"{name}: a scene computes nothing and is the same every time"
        elif isinstance(node, ast.Attribute) and node.attr == "random":
            yield "source", f"line {node.lineno}", "random: a scene computes nothing and is the same every time"


def _call(node):
    name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
    options = {keyword.arg for keyword in node.keywords}
    if name in LATEX or name in LATEX_CALLS or options & LATEX_OPTIONS:
        what = name if name in LATEX | LATEX_CALLS else ", ".join(sorted(options & LATEX_OPTIONS))
        yield "latex", f"line {node.lineno}", f"{what} needs LaTeX in Manim; the kit has a call for it"
    elif name in ROUND_THE_KIT:
        yield "source", f"line {node.lineno}", f"{name} hides what stands on the screen; the kit has a call for it"
