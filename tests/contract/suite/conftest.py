from collections.abc import AsyncIterator

import pytest

from tests.contract.suite.desk import Desk, Way, opened
from tests.contract.suite.venues import VENUES, Venue
from trading_bridge.exchanges.description import Certification


def name_of(venue: Venue) -> str:
    return venue.info.id if venue.info.certification is not Certification.NONE else f"{venue.info.id} as ccxt reads it"


@pytest.fixture(params=VENUES, ids=name_of)
def venue(request: pytest.FixtureRequest) -> Venue:
    found: Venue = request.param
    return found


@pytest.fixture(params=list(Way))
async def desk(request: pytest.FixtureRequest, venue: Venue) -> AsyncIterator[Desk]:
    async with opened(venue, request.param) as made:
        yield made
