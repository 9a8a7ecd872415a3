"""Where connectors of tests may go: to what listens on this machine, and to a proxy in a network of one's own."""

from ipaddress import ip_network

from trading_bridge.exchanges.hosts import Hosts

LOOPBACK = Hosts([ip_network("127.0.0.0/8"), ip_network("::1")])
PRIVATE_TOO = Hosts([ip_network("127.0.0.0/8"), ip_network("::1"), ip_network("10.0.0.0/8")])
