"""Signing in and out, and the one-time set-up."""

from fastapi import APIRouter, Request, Response

from trading_bridge.api import cookie
from trading_bridge.api.call import Call, OpenCall, answer
from trading_bridge.api.schemas.auth import LoginBody, Me, SetupBody, SignedIn, SignedOut
from trading_bridge.services import auth
from trading_bridge.services.auth import NewSession

router = APIRouter(prefix="/api/auth", tags=["auth"])


@router.post("/login", response_model=SignedIn)
async def login(body: LoginBody, request: Request, deps: OpenCall) -> Response:
    """Answers the session's token, and sets it as the cookie `tb_session`."""
    signed_in = await auth.sign_in(deps, email=body.email, password=body.password, address=_address(request))
    return _signed_in(signed_in, request)


@router.post("/setup", response_model=SignedIn)
async def set_up(body: SetupBody, request: Request, deps: OpenCall) -> Response:
    """Makes the first administrator by the link that the server printed at its first start, and signs in."""
    signed_in = await auth.set_up(
        deps, token=body.token, email=body.email, password=body.password, address=_address(request)
    )
    return _signed_in(signed_in, request)


@router.post("/logout", response_model=SignedOut)
async def logout(request: Request, call: Call) -> Response:
    await auth.sign_out(call.asker, call.deps, token=request.scope["session_token"])
    response = answer({"signed_out": True})
    cookie.clear(response, request)
    return response


@router.get("/me", response_model=Me)
async def me(request: Request, call: Call) -> Response:
    session = await auth.current(call.deps, request.scope["session_token"])
    return answer({"id": session.user_id, "email": session.email, "expires_at": session.expires_at})


def _signed_in(signed_in: NewSession, request: Request) -> Response:
    response = answer({"token": signed_in.token, "expires_at": signed_in.expires_at})
    cookie.put(response, request, signed_in.token, signed_in.expires_at)
    return response


def _address(request: Request) -> str:
    return request.client.host if request.client is not None else "unknown"
