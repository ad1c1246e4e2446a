"""Prints a line whenever what may be drawn changes; put your own set-point there. HUB, TOKEN, SITE, FAILSAFE_W, and, where given, STATE_FILE, STALE (PT2M) and IDLE_S (40) come from the environment."""
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))
from gridservices_client import HubOptions, Options, SessionOptions, SiteSession

env = os.environ
failsafe = int(env["FAILSAFE_W"])
limits = {"importLimitW": failsafe}
session = SiteSession(
    SessionOptions(
        hub=HubOptions(env["HUB"], env["TOKEN"], env["SITE"], idle_limit=float(env.get("IDLE_S", "40"))),
        failsafe=Options(init_limits=limits, default={"staleAfter": env.get("STALE", "PT2M"), "onStale": "failsafe", "limits": limits}),
        state_file=env.get("STATE_FILE")),
    on_limits=lambda now: print("limit", "none" if now.most("importLimitW", failsafe) is None else now.most("importLimitW", failsafe), now.phase, flush=True),
    on_notice=lambda text: print("notice", text, file=sys.stderr, flush=True))
session.run()
