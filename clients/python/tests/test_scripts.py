"""The scripts of contracts/v1/scripts, step by step: the same that the .NET SDK is held to."""
import json
import pathlib
import unittest

from gridservices_client import machine
from gridservices_client.held import HeldSet
from gridservices_client.holding import Moment, Options
from gridservices_client.messages import ChangeStated, Cursor, EffectiveStated, HeartbeatHeard, SetStated
from gridservices_client.times import parse_instant

SCRIPTS = pathlib.Path(__file__).parents[3] / "contracts" / "v1" / "scripts"


class ScriptsTest(unittest.TestCase):
    def test_every_script_holds_at_every_step(self):
        count = 0
        for file in sorted(SCRIPTS.glob("failsafe*.json")):
            for script in json.loads(file.read_text(encoding="utf-8")):
                with self.subTest(script["name"]):
                    self.play(script)
                count += 1
        self.assertGreater(count, 150)

    def play(self, script):
        state, then = None, None
        for number, step in enumerate(script["steps"]):
            now = Moment(parse_instant(step["wall"]), step["monotonicMs"] * 1_000_000)
            if state is None:
                persisted = script["persisted"] and HeldSet.from_json(script["persisted"])
                state = machine.start(script["siteId"], persisted, Options(script["options"]["initLimits"], script["options"]["default"]), now)
            else:
                message = read(step)
                state = machine.apply(state, message, now) if message else machine.tick(state, now)
            then = step.get("then", then)
            self.assertEqual(then, summarise(state, now), f"step {number} of {script['name']}")
            if "persists" in step:
                self.assertEqual(in_order(step["persists"]), in_order(state.to_persist(now).to_json()), f"what step {number} writes down")


def read(step):
    if "set" in step:
        return SetStated(Cursor.parse(step["set"]["cursor"]), step["set"]["data"], step["set"]["asked"])
    if "change" in step:
        change = step["change"]
        kind = next(k for k in ("envelope", "withdrawal", "prices") if k in change)
        return ChangeStated(Cursor.parse(change["cursor"]), kind, change[kind])
    return HeartbeatHeard(step["heartbeat"]) if "heartbeat" in step else EffectiveStated(step["effective"]) if "effective" in step else None


def summarise(state, now):
    limits = machine.limits_at(state, now)
    return {
        "phase": limits.phase, "isKnown": limits.is_known, "needsSet": state.needs_set, "mostImportW": limits.most("importLimitW", 4_200), "mostExportW": limits.most("exportLimitW", 0),
        "limits": bounds(limits.limits), "until": limits.until, "next": None if limits.next is None else bounds(limits.next), "streams": [str(s) for s in limits.streams]}


def bounds(limits):
    return {quantity: [bound.value, f"{bound.service}/{bound.key}"] for quantity, bound in limits.items()}


def in_order(held):
    held = {name: value for name, value in held.items() if value != []}
    for name in ("failsafes", "losses"):
        if name in held:
            held[name] = sorted(held[name], key=str)
    return held


if __name__ == "__main__":
    unittest.main()
