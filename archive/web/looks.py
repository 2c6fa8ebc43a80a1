"""How the way in looks: three small pages that need nobody to be signed in."""

from html import escape

from archive.web.csrf import FIELD
from archive.web.problem import Problem

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · Deadair</title></head>
<body><main><h1>{title}</h1>
{body}
</main></body></html>
"""


def sign_in_page(wanted: str) -> str:
    """Asks for a token, and says how else one gets in."""
    return _page(
        "Sign in",
        f"""<form method="post" action="/sign-in">
<input type="hidden" name="next" value="{escape(wanted)}">
<p><label for="token">Token</label> <input id="token" name="token" type="password" required
autocomplete="off" spellcheck="false"></p>
<p><button type="submit">Sign in</button></p>
</form>
<p>Or write <code>/web</code> to the bot: it answers with a link that opens this once.</p>""",
    )


def link_page(code: str) -> str:
    """One press uses the link up: what only looks at links, as messengers do, does not."""
    return _page(
        "Sign in",
        f"""<form method="post" action="/sign-in">
<input type="hidden" name="code" value="{escape(code)}">
<p>This link signs you in once.</p>
<p><button type="submit" autofocus>Sign in</button></p>
</form>""",
    )


def sign_out_form(csrf: str) -> str:
    return (
        f'<form method="post" action="/sign-out"><input type="hidden" name="{FIELD}" value="{escape(csrf)}">'
        '<button type="submit">Sign out</button></form>'
    )


def problem_page(problem: Problem) -> str:
    hint = f"<p>{escape(problem.hint)}</p>" if problem.hint else ""
    return _page(
        problem.document()["title"], f'<p>{escape(problem.detail)}</p>{hint}<p><a href="/">Back</a></p>'
    )


def _page(title: str, body: str) -> str:
    return _PAGE.format(title=escape(title), body=body)
