"""The API is what its own description says: thousands of requests made of it by schemathesis, over HTTP."""

import asyncio
import warnings
from typing import Any

import httpx
import pytest
import requests
from hypothesis import HealthCheck, Phase, given, settings

from domain.credential import Scope
from storage.store import Store
from tests.support.archived import fill_all
from tests.support.serving import make_token, serving

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import schemathesis
    from schemathesis.checks import load_all_checks
    from schemathesis.generation import GenerationMode

#: Of each resource so many requests that keep to the description, and so many that do not.
EACH = 25


async def described(client: httpx.AsyncClient) -> dict[str, Any]:
    answer = await client.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    document: dict[str, Any] = answer.json()
    return document


@pytest.mark.timeout(600)
async def test_every_answer_is_as_described(store: Store) -> None:
    await ask_everything(store, "positive")


@pytest.mark.timeout(600)
@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_what_does_not_keep_to_it_is_refused_as_described(store: Store) -> None:
    """Before anything is asked of the archive, whichever it is."""
    await ask_everything(store, "negative")


async def ask_everything(store: Store, mode: str) -> None:
    await fill_all(store)
    token = await make_token(store)
    async with serving(store) as running, running.client() as client:
        document = await described(client)
        n = await asyncio.to_thread(_ask, document, running.base, token, mode)
    assert n >= 18


def _ask(document: dict[str, Any], base: str, token: str, mode: str) -> int:
    """Every resource, by its description. Returns how many there are."""
    load_all_checks()
    # No token, and an address that is too long, are refused as that, whatever else is wrong.
    refused = {"expected-statuses": ["400", "401", "404", "414", "422"]}
    config = schemathesis.Config.from_dict({"checks": {"negative_data_rejection": refused}})
    schema = schemathesis.openapi.from_dict(document, config=config)
    schema.config.update(base_url=base)
    generation = GenerationMode.POSITIVE if mode == "positive" else GenerationMode.NEGATIVE
    asked = 0
    session = requests.Session()
    session.trust_env = False
    for found in schema.get_all_operations():
        operation = found.ok()
        if mode == "negative" and not (operation.query or operation.path_parameters):
            asked += 1
            continue
        _ask_one(operation, generation, token, session)
        asked += 1
    session.close()
    return asked


def _ask_one(operation: Any, generation: Any, token: str, session: requests.Session) -> None:
    @given(case=operation.as_strategy(generation_mode=generation))
    @settings(
        max_examples=EACH,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate],
    )
    def ask(case: Any) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            case.call_and_validate(
                session=session,
                headers={"Authorization": f"Bearer {token}"},
                # That a query's words can be read, or that a name is there, no schema can say: a question
                # that keeps to it may still be answered 400 or 404.
                excluded_checks=[schemathesis.checks.CHECKS.get_one("positive_data_acceptance")],
            )

    ask()


async def test_the_description_names_every_scope_and_problem(store: Store) -> None:
    async with serving(store) as running, running.client() as client:
        document = await described(client)
    assert document["openapi"].startswith("3.1")
    scopes = set()
    for path, operations in document["paths"].items():
        assert path.startswith("/api/v1/")
        assert set(operations) == {"get"}
        operation = operations["get"]
        (required,) = operation["security"]
        scopes |= set(required["token"])
        assert {"400", "401", "403", "404", "422", "429", "503"} <= set(operation["responses"])
        problem = document["components"]["responses"]["Problem422"]["content"]
        assert list(problem) == ["application/problem+json"]
    assert scopes == {scope.value for scope in Scope} - {"pages"}
    assert "HTTPValidationError" not in document["components"]["schemas"]
