# SPDX-License-Identifier: GPL-2.0
"""Sphinx: the pages of this directory, and the manual pages, as HTML."""
import os
import re
import subprocess
import sys
from pathlib import Path

from sphinx.util import logging

here = Path(__file__).parent
top = here.parent
# The kernel's own tools; "make docs" says where they are.
kernel = Path(os.environ['KERNEL_SOURCE'])
sys.path.insert(0, str(kernel / 'Documentation/sphinx'))
sys.dont_write_bytecode = True

project = 'AF_WSP'
copyright = 'the AF_WSP authors'
extensions = ['kerneldoc', 'sphinx.ext.graphviz']
exclude_patterns = ['output']
primary_domain = 'c'
highlight_language = 'none'
smartquotes = False
kerneldoc_bin = str(kernel / 'scripts/kernel-doc')
kerneldoc_srctree = str(top)
nitpick_ignore = [('c:identifier', t) for t in ('__s32', '__u32', '__aligned_u64')]

graphviz_output_format = 'svg'
html_title = 'AF_WSP'
html_theme = 'alabaster'
html_theme_options = {'page_width': '1100px', 'body_max_width': '48em'}
html_sidebars = {'**': ['about.html', 'localtoc.html', 'navigation.html', 'searchbox.html']}
html_show_copyright = False
html_copy_source = False


def manual_names(text):
    """The names a manual page is found by."""
    name = re.search(r'^\.SH NAME\n(.*?) \\-', text, re.M | re.S)
    return re.split(r',\s+', name.group(1))


def manual_html(page, homes):
    """A page's text as mandoc has it, with links to the other pages."""
    html = subprocess.run(['mandoc', '-T', 'html', '-O', 'fragment', page],
                          check=True, capture_output=True, text=True).stdout
    html = re.sub(r'<table class="(head|foot)">.*?</table>', '', html, flags=re.S)
    html = re.sub(r'<(/?)h1', r'<\1h2', html)

    def link(m):
        home = homes.get((m.group(1), m.group(2)), page.name)
        return m.group() if home == page.name else f'<a href="{home}.html">{m.group()}</a>'
    return re.sub(r'<b>(\w+)</b>\((\d)\)', link, html)


def write_manual(app):
    """man/PAGE.rst for each manual page of the tools."""
    pages = sorted(page for page in top.glob('tools/**/*.[1-8]')
                   if re.fullmatch(r'\w+\.\d', page.name))
    homes = {(name, page.suffix[1:]): page.name
             for page in pages for name in manual_names(page.read_text())}
    (here / 'man').mkdir(exist_ok=True)
    for page in pages:
        title = f'{page.stem}({page.suffix[1:]})'
        body = manual_html(page, homes).replace('\n', '\n   ')
        text = f'{title}\n{"=" * len(title)}\n\n.. raw:: html\n\n   {body}\n'
        out = here / 'man' / (page.name + '.rst')
        if not out.exists() or out.read_text() != text:
            out.write_text(text)


rules = set(re.findall(r'^   \* - ([A-Z]-\d\d)$', (here / 'contract.rst').read_text(), re.M))
# In the text, and not in an attribute.
RULE = re.compile(rf'(?<![\w#"-])[{"".join({rule[0] for rule in rules})}]-\d\d(?![\w-])')


def link_rules(app, pagename, templatename, context, doctree):
    """The ID of a rule leads to its row of the contract."""
    if not doctree:
        return
    contract = app.builder.get_relative_uri(pagename, 'contract')

    def link(m):
        if m.group() not in rules:
            logging.getLogger(__name__).warning('%s: no rule %s', pagename, m.group())
        return (f'<a style="white-space: nowrap" '
                f'href="{contract}#{m.group()}">{m.group()}</a>')
    body = context['body']
    if pagename == 'contract':
        body = re.sub(rf'<td>(?=<p>({RULE.pattern})</p></td>)', r'<td id="\1">', body)
    context['body'] = RULE.sub(link, body)


def setup(app):
    app.connect('builder-inited', write_manual)
    app.connect('html-page-context', link_rules)
