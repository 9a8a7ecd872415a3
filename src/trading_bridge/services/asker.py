"""Who asks where no person does."""

from trading_bridge.core.user import Asker, AskerKind

SYSTEM = Asker(kind=AskerKind.SYSTEM, user_id=None, name="system")
