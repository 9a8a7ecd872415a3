from collections.abc import AsyncIterator

import pytest

from tests.contract.suite.desk import Desk, Way, opened
from tests.contract.suite.venues import VENUES, Venue


@pytest.fixture(params=VENUES, ids=lambda venue: venue.info.id)
def venue(request: pytest.FixtureRequest) -> Venue:
    found: Venue = request.param
    return found


@pytest.fixture(params=list(Way))
async def desk(request: pytest.FixtureRequest, venue: Venue) -> AsyncIterator[Desk]:
    async with opened(venue, request.param) as made:
        yield made
