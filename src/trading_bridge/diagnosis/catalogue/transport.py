"""The way to an exchange and back."""

from collections.abc import Mapping

from trading_bridge.diagnosis.catalogue.row import SAFE, STANDING, Actor, Effect, Row, Stage, Text, client, text
from trading_bridge.exchanges.hosts import SETTING

_UNTIL_IT_ANSWERS = (
    "It is tried again all the time. Bots place nothing new; quotes whose book is too old are to be cancelled, but a"
    " cancel arrives only when the exchange answers: until then what stands there can trade."
)
_BY_HAND = "Where standing orders must go now, cancel them on the exchange's own page."
_DIRECT = "Nothing is sent around a proxy that is configured: bots of this connector hold."


def _stages(**texts: Text) -> dict[str, Stage]:
    return {name.replace("_", " "): Stage(text=each) for name, each in texts.items()}


_UNREACHABLE = _stages(
    dns=text(
        "the exchange cannot be reached: its name has no address",
        "Name resolution failed on this host[ for {host}]: its resolver does not answer, or the host name of the"
        " connector is wrong. Nothing was sent.",
        "On this host, look the exchange's host name up (getent hosts NAME). If no name resolves, mend the host's"
        " resolver; if only this one, correct the connector's host.",
    ),
    tcp=text(
        "the exchange cannot be reached: the connection is refused",
        "The name has an address, and nothing accepts a connection there: a firewall, a wrong port in the connector's"
        " host, or the exchange is down. Nothing was sent.",
        "Try the connector's host from another network. If it answers there, look at this host's firewall and routes;"
        f" if not, the exchange is down. {_BY_HAND}",
    ),
    tls=text(
        "the exchange cannot be reached: its certificate is not valid here",
        "The connection was made, and the certificate is expired, for another name, or of an authority that this host"
        " does not trust: a proxy that opens TLS, an old list of authorities, or not the exchange. Nothing was sent,"
        " the key was not shown.",
        "[What was wrong: {detail}. ]Look at the certificate (openssl s_client -connect HOST:443). If it is the"
        " exchange's, update this host's ca-certificates; if it is a proxy's, let it pass this host unopened. Never"
        " switch the check off.",
    ),
    timeout=text(
        "the exchange cannot be reached: no connection within the time limit",
        "The name has an address, and nothing there answers: a firewall that drops packets, a broken route (often only"
        " IPv6), or the exchange is down. Nothing was sent.",
        "Try curl -4 and curl -6 to the connector's host on this host. If only IPv6 hangs, set the connector to"
        f" IPv4 only; if both do, ask the network's people. {_BY_HAND}",
    ),
    address=text(
        "the exchange cannot be reached: the connector's host cannot be used",
        "The address of the connector is not one that a request can be sent to, or it is an IPv6 address, or a name"
        " that has IPv6 addresses only, while the connector is set to IPv4 only. Nothing was sent.",
        "Edit the connector: correct its host, or leave it empty for the exchange's own; or allow IPv6.",
    ),
)

_UNREACHABLE["private"] = Stage(
    text=text(
        "the exchange is not connected to: its host has an address that connectors may not reach",
        "[{detail}. ]Connectors reach public addresses only, so that nobody looks into this network through one."
        " Nothing was sent.",
        f"Edit the connector and correct its host. If this address is meant, name it in {SETTING} and start the server"
        " anew.",
    )
)

_NO_ANSWER = _stages(
    timeout=text(
        "the exchange did not answer in time",
        "The request left, and no answer came within the time limit. What it asked for may have happened.",
        "Nothing yet: reads are made again, and an order without an answer is looked up. If it lasts, read the"
        " exchange's status page.",
    ),
    reset=text(
        "the connection to the exchange broke before it answered",
        "The exchange, or something on the way, closed the connection. What the request asked for may have happened.",
        "Nothing yet: reads are made again, and an order without an answer is looked up. If it repeats, look at what"
        " stands in between: a proxy, a firewall, the host's network.",
    ),
    server_error=text(
        "the exchange reports a fault of its own[ (HTTP {http_status})]",
        "Its server failed on the request. What it asked for may have happened.",
        "Nothing yet: it is asked again by itself. If it lasts for minutes, read the exchange's status page and send"
        " its support the finding's evidence.",
    ),
    gateway=text(
        "the exchange's front server gets no answer from the exchange[ (HTTP {http_status})]",
        "The exchange is overloaded, restarting, or partly down. What the request asked for may have happened.",
        "Nothing yet: it is asked again by itself. If it lasts for minutes, read the exchange's status page.",
    ),
    empty=text(
        "the exchange sent an empty answer[ (HTTP {http_status})]",
        "There is no word in it, so it says nothing: not that a balance is zero, nor that an order was taken.",
        "Nothing yet: it is asked again by itself. If it lasts, send the exchange's support the finding's evidence.",
    ),
    html=text(
        "a web page came in place of an answer[ (HTTP {http_status})]",
        "It is from something between here and the exchange: its front server, a proxy, or a network that wants a"
        " login. It says nothing about orders or balances.",
        "Read the page's first words in the evidence. If they are the exchange's, wait; if they are a proxy's or a"
        " login's, mend the way of this host.",
    ),
    unreadable=text(
        "the exchange's answer cannot be read[ (HTTP {http_status})]",
        "It is cut, or not in the form that the exchange documents. What the request asked for may have happened.",
        "Nothing yet: it is asked again by itself. If it repeats, report it with the evidence: the exchange may have"
        " changed its answers.",
    ),
)

_PROXY = _stages(
    dns=text(
        "the proxy cannot be reached: its name has no address",
        "Name resolution failed for the host of the connector's proxy address. The exchange was not asked.",
        "Edit the connector and correct the proxy's host name, or mend this host's resolver.",
    ),
    tcp=text(
        "the proxy cannot be reached: the connection is refused",
        "Nothing accepts a connection at the connector's proxy address: the proxy is down, its port is another, or a"
        " firewall stands before it. The exchange was not asked.",
        "Start the proxy, or edit the connector and correct the port.",
    ),
    timeout=text(
        "the proxy cannot be reached: no connection within the time limit",
        "Nothing answers at the connector's proxy address: a firewall drops the packets, or the proxy's host is down."
        " The exchange was not asked.",
        "Try the proxy from this host (curl -x PROXY EXCHANGE); mend the way to it, or give the connector another one.",
    ),
    tls=text(
        "the proxy cannot be reached: its certificate is not valid here",
        "The connector's proxy is to be spoken to by https, and its certificate is expired, for another name, or of an"
        " authority that this host does not trust; or it does not speak TLS. The exchange was not asked.",
        "If the proxy takes plain connections, write its address with http://; else renew its certificate, or make its"
        " authority known to this host.",
    ),
    tunnel=text(
        "the proxy does not connect to the exchange[ (HTTP {http_status})][: {detail}]",
        "The proxy answers, and does not open a way to the exchange: its rules forbid the host or the port, it cannot"
        " reach the exchange itself, or it is a proxy of another kind than its address says.",
        "Look into the proxy's log; allow connections to the exchange's host and port there, and check that the scheme"
        " of its address (http, https, socks5, socks5h) is the one that it speaks.",
    ),
    silent=text(
        "the proxy opens no way to the exchange within the time limit",
        "The proxy's port takes the connection, and nothing more came of it in time: the proxy hangs or is overloaded,"
        " it gets no answer from the exchange itself, or something else listens at that port. The exchange was asked"
        " nothing.",
        "Try the proxy from this host (curl -x PROXY EXCHANGE) and look into its log: start it anew if it hangs, mend"
        " its own way to the exchange, or correct the port in the connector.",
    ),
    address=text(
        "the proxy's address cannot be used",
        "The connector's proxy address has no host, a scheme other than http, https, socks5 and socks5h, or a user or"
        " password that is too long.",
        "Edit the connector and write the proxy like http://user:password@host:port or"
        " socks5h://user:password@host:port, or leave it empty.",
    ),
)

_PROXY["private"] = Stage(
    text=text(
        "the proxy is not connected to: it has an address that connectors may not reach",
        "[{detail}. ]Connectors reach public addresses only, so that nobody looks into this network through one. The"
        " exchange was not asked.",
        f"If the proxy is yours, name its address in {SETTING} and start the server anew; else edit the connector and"
        " correct the proxy.",
    )
)

TRANSPORT: Mapping[str, Row] = {
    "proxy.auth_required": Row(
        text=text(
            "the proxy wants a password",
            "The proxy answered 407, or refused the sign-in of SOCKS; the exchange never saw the request, and the key"
            " is not to blame.",
            "Edit the connector and enter the proxy's user and password in its address:"
            " http://user:password@host:port or socks5h://user:password@host:port.",
        ),
        client=client(
            "The platform's way to the exchange is closed on our side. Nothing new is placed, and your balance cannot"
            " be confirmed.",
            STANDING,
            Actor.OPERATOR,
        ),
        effect=Effect.ORDERS_HELD,
        wakes=True,
        unattended=f"{_DIRECT} {_UNTIL_IT_ANSWERS}",
    ),
    "proxy.unreachable": Row(
        text=text(
            "the proxy cannot be reached",
            "No connection to the connector's proxy could be made; the exchange was not asked.",
            "Check the proxy's address in the connector, and whether the proxy is up.",
        ),
        client=client(
            "The platform's way to the exchange is interrupted on our side. Nothing new is placed, and your balance"
            " cannot be confirmed.",
            STANDING,
            Actor.OPERATOR,
        ),
        effect=Effect.ORDERS_HELD,
        wakes=True,
        unattended=f"{_DIRECT} {_UNTIL_IT_ANSWERS}",
        stages=_PROXY,
    ),
    "exchange.unreachable": Row(
        text=text(
            "the exchange cannot be reached[ ({stage})]",
            "No connection to the exchange could be made; nothing was sent.",
            f"Check this host's network and name resolution, and the connector's host. {_BY_HAND}",
        ),
        client=client(
            "The exchange cannot be reached from the platform at the moment. Nothing new is placed, and your balance is"
            " the last one that was confirmed.",
            STANDING,
            Actor.OPERATOR,
        ),
        effect=Effect.ORDERS_HELD,
        wakes=True,
        unattended=_UNTIL_IT_ANSWERS,
        stages=_UNREACHABLE,
    ),
    "exchange.no_answer": Row(
        text=text(
            "the exchange did not answer clearly",
            "The connection broke, timed out, or the answer could not be read. What the request asked for may have"
            " happened.",
            "Nothing yet: reads are made again, and an order without an answer is looked up.",
        ),
        client=client(
            "The exchange does not answer clearly at the moment. Nothing new is placed until it does, and no order is"
            " ever sent twice.",
            STANDING,
            Actor.EXCHANGE,
        ),
        effect=Effect.ORDERS_HELD,
        wakes=False,
        unattended=_UNTIL_IT_ANSWERS,
        stages=_NO_ANSWER
        | {
            "blocked": Stage(
                text=text(
                    "the exchange's front server blocks this host[ (HTTP {http_status})]",
                    "It answered with its own page before the exchange saw the request: it takes this host's address"
                    " for a robot, or its country is not served.",
                    "Send the exchange's support this host's address and the finding's evidence and ask to be let"
                    " through; or give the connector a proxy with another address, and allow that one for the key.",
                ),
                who_acts=Actor.OPERATOR,
            )
        },
    ),
    "exchange.maintenance": Row(
        text=text(
            "the exchange is under maintenance",
            "It says so itself: it takes no requests for a while. Orders may be gone or changed when it returns.",
            "Nothing: it is asked again by itself; read the exchange's announcement for how long. After its return"
            " every order is read first, then quoting resumes.",
        ),
        client=client(
            "The exchange is under maintenance. Your bot waits and goes on when it returns.", STANDING, Actor.EXCHANGE
        ),
        effect=Effect.ORDERS_HELD,
        wakes=False,
        unattended=_UNTIL_IT_ANSWERS,
    ),
    "exchange.slow": Row(
        text=text(
            "the exchange answers slowly[: {latency_ms} ms][ ({call})]",
            "Two of the last three answers took longer than 2 s, so quotes follow the market later than they should.",
            "Nothing yet. If it lasts, compare with the exchange's page from another network; if only this host is"
            " slow, look at its network and at the proxy.",
        ),
        client=client(
            "The exchange answers slowly. Your bot goes on and follows the market with a delay.", SAFE, Actor.EXCHANGE
        ),
        effect=Effect.TRADING_GOES_ON,
        wakes=False,
        unattended="Trading goes on. A book older than 3 s is not traded on: quotes are taken out then.",
    ),
    "exchange.unrecognised": Row(
        text=text(
            "the exchange gave an answer that we do not know",
            "Its code and text, in the evidence, are in no table; it is taken neither for a success nor for a refusal.",
            "Read the exchange's words in the evidence and do what they say; report the evidence, so that the code gets"
            " its own text.",
        ),
        client=client(
            "The exchange gave an answer that the platform does not know. Nothing new is placed until it is clear.",
            STANDING,
            Actor.OPERATOR,
        ),
        effect=Effect.ORDERS_HELD,
        wakes=True,
        unattended="It is asked again by itself. If the answer stays, the bots hold and what stands stays.",
    ),
    "rate.limited": Row(
        text=text(
            "the exchange asks to slow down[: {retry_after_s} s]",
            "The limit of requests of this key or this host's address is used up.",
            "Nothing: requests pause by themselves, cancels keep a share of their own. If it repeats, something else"
            " uses the same key or address: give it its own.",
        ),
        client=client(
            "The exchange has asked for fewer requests. Your bot pauses for some seconds.", STANDING, Actor.NOBODY
        ),
        effect=Effect.ORDERS_HELD,
        wakes=False,
        unattended="Requests pause for as long as the exchange asks, and go on by themselves.",
    ),
    "probe.failed": Row(
        text=text(
            "the doctor's step {rung} failed by itself ({error})",
            "The step ended with a fault of ours, so it proved nothing; the other steps are not touched.",
            "Go by the other steps; report it with the log line of that time.",
        ),
        client=client("A check of the connection could not be finished. It changes nothing.", SAFE, Actor.OPERATOR),
        effect=Effect.TRADING_GOES_ON,
        wakes=False,
        unattended="Nothing: it is only a check. The next one tries the step again.",
    ),
}
