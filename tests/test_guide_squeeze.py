"""The page's script without blanks and comments: the same program, shorter, whatever is quoted in it."""

import re
import shutil
import subprocess

import pytest

from hornbook.guide import assemble
from hornbook.guide.squeeze import squeezed

SENTENCE = re.compile(r'["`][A-Z][^"`{}]+[.]["`]')


@pytest.mark.parametrize(
    ("written", "short"),
    [
        ("const a = b + c; // a sum\nd();", "const a=b+c;d();"),
        ("// all of it", ""),
        ('say("a  // b", \'c  "d"\');', 'say("a  // b",\'c  "d"\');'),
        ("x = `a  ${b ? `{ ${c}  }` : d} // e`;", "x=`a  ${b ? `{ ${c}  }` : d} // e`;"),
        ('x = `a  ${b.replace(/[`}] "/g, "`")}  c` ;', 'x=`a  ${b.replace(/[`}] "/g, "`")}  c`;'),
        ('text.split(/ "|[/"] /g) ; a = b / c / "d";', 'text.split(/ "|[/"] /g);a=b/c/"d";'),
        ("a + +b - -c - + d + ++e", "a+ +b- -c-+d+ ++e"),
        ("return typeof a in b", "return typeof a in b"),
        ("if (a)\nb()\nelse c = {\nd,\n};", "if(a)\nb()\nelse c={d,};"),
        ("all\n.map(f)\n(g)", "all.map(f)\n(g)"),
    ],
)
def test_blanks_and_comments_go_and_what_is_quoted_stays(written, short):
    assert squeezed(written) == short
    assert squeezed(short) == short


def test_the_whole_script_is_a_program_still_with_every_text_in_it():
    script = assemble.script()
    short = squeezed(script)
    assert len(short) < 0.9 * len(script)
    assert len(SENTENCE.findall(script)) > 50
    assert SENTENCE.findall(short) == SENTENCE.findall(script)
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no node on the PATH to read the script with")
    assert subprocess.run([node, "--check", "-"], input=short, text=True, capture_output=True).stderr == ""
