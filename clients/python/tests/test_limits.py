"""What limits say of themselves, and what they cost."""
import decimal
import unittest
from unittest import mock

from gridservices_client import HubOptions, Options, SessionOptions, SiteSession, contract, merge
from gridservices_client.limits import merge as merging
from gridservices_client.times import SECOND

from .samples import NOW, envelope, limits, spans


class Counted(int):
    """A number that counts how often it is compared, it and what is added to it."""

    compared = 0

    def __radd__(self, other):
        return Counted(int(self) + other)

    def __le__(self, other):
        Counted.compared += 1
        return int(self) <= int(other)

    def __lt__(self, other):
        Counted.compared += 1
        return int(self) < int(other)

    def __gt__(self, other):
        Counted.compared += 1
        return int(self) > int(other)


class LimitsTest(unittest.TestCase):
    def test_a_quantity_or_a_failsafe_that_is_none_is_refused(self):
        for known in (True, False):
            now = limits(is_known=known)
            for quantity, failsafe in (("importLimitKW", 1), ("connect", 1), ("importLimitA", 1), ("importLimitW", float("nan")), ("importLimitW", float("inf")), ("importLimitW", -1), ("importLimitW", True)):
                with self.subTest(quantity=quantity, failsafe=failsafe), self.assertRaises(ValueError):
                    now.most(quantity, failsafe)
            self.assertEqual(None if known else 4.5, now.most("L1.importLimitA", 4.5))

    def test_what_is_handed_out_can_be_multiplied(self):
        now = limits(
            envelope({"importLimitW": decimal.Decimal("4200.0"), "perPhase": {"L1": {"importLimitA": decimal.Decimal("16.5")}}}),
            envelope({"importLimitW": 5_000, "perPhase": {"L1": {"importLimitA": decimal.Decimal("17.25")}}}, key="B"))
        self.assertEqual(16.5 * 230.5, now.most("L1.importLimitA", 0) * 230.5)
        self.assertIs(int, type(now.most("importLimitW", 0)))
        self.assertEqual(("openadr", "B", 17.25), now.limits["L1.importLimitA"].next)
        self.assertIs(float, type(now.limits["L1.importLimitA"].next[2]))

    def test_a_whole_number_is_told_from_others_without_writing_it_out(self):
        self.assertTrue(contract._is_whole(decimal.Decimal("1e999999999")))
        self.assertFalse(contract._is_whole(decimal.Decimal("1.5")))


class CostTest(unittest.TestCase):
    def test_a_long_schedule_is_gone_through_once(self):
        laid = [{**envelope({"importLimitW": 1}, spans(1_024, lambda n: {"importLimitW": 2 + n}), key=key), "movedBy": Counted(0)} for key in "AB"]
        Counted.compared = 0
        segments = merge.merge(laid, "site", "site-1", NOW)
        self.assertEqual([2, 1, 3, 1], [s.limits["importLimitW"].value for s in segments[:4]])
        self.assertEqual(2_048, len(segments))
        self.assertLess(Counted.compared, 100_000)  # lane by lane and turn by turn it is eight million

    def test_what_holds_now_and_next_is_found_without_the_rest(self):
        long = envelope({"importLimitW": 1}, spans(1_024, lambda n: {"importLimitW": 2 + n}))
        with mock.patch.object(merge, "_bounds", wraps=merge._bounds) as bounds:
            now = limits(long)
            self.assertEqual((2, 1), (now.most("importLimitW", 0), now.next["importLimitW"].value))
            self.assertEqual("2027-01-15T18:00:01Z", now.until)
            self.assertEqual(3, bounds.call_count)
        self.assertEqual(now.segments[:2], now._nearest)

    def test_nothing_is_merged_anew_until_something_changes(self):
        long = envelope({"importLimitW": 1}, spans(3, lambda n: {"importLimitW": 2 + n}))
        pv = {**envelope({"exportLimitW": 1}, spans(1, lambda n: {"exportLimitW": 0})), "target": {"kind": "pv", "id": "inv1"}}
        told = limits(long, pv)
        self.assertFalse(told.says_same_as(None))
        self.assertTrue(limits(long, pv).says_same_as(told))
        with mock.patch("gridservices_client.limits.merge", wraps=merging) as merged:
            self.assertTrue(limits(long, pv, at=NOW + SECOND - 1).says_same_as(told))
            self.assertEqual(0, merged.call_count)
            self.assertFalse(limits(long, pv, at=NOW + SECOND).says_same_as(told))
            self.assertFalse(limits(long, envelope({"importLimitW": 0}, key="B")).says_same_as(told))
            self.assertFalse(limits(long, pv, is_known=False).says_same_as(told))


class SettingsTest(unittest.TestCase):
    def test_settings_that_no_limits_can_be_read_of_are_refused(self):
        rule = {"staleAfter": "PT2M", "onStale": "failsafe", "limits": {"importLimitW": 1}}
        bad = [{"import_limit_w": 4200}, {"importLimitW": float("nan")}, {"importLimitW": -1}, {"importLimitW": "4200"}, {"importLimitW": 1.5}, {"perPhase": {"L4": {}}}, 4200, {"importLimitW": object()}]
        for options in [*(Options(limits) for limits in bad), *(Options(None, {**rule, "limits": limits}) for limits in bad)]:
            with self.subTest(options), self.assertRaises(ValueError):
                self.session(options)
        for default in (None, {}, {"onStale": "holdSchedule"}, {**rule, "staleAfter": "PT0S"}, {**rule, "staleAfter": "2 min"}, {**rule, "stale_after": "PT1M"}, {**rule, "limits": None}):
            with self.subTest(default), self.assertRaises(ValueError):
                self.session(Options(None, default))
        self.assertEqual(16.5, self.session(Options({"perPhase": {"L1": {"importLimitA": 16.5}}}, rule)).limits.most("L1.importLimitA", 0))

    def test_waits_and_names_that_are_none_are_refused(self):
        for wrong in ({"site_id": ""}, {"idle_limit": 0}, {"longest_retry": -1}, {"first_retry": None}, {"request_timeout": float("nan")}, {"max_bytes": float("inf")}):
            with self.subTest(wrong), self.assertRaises(ValueError):
                HubOptions(**{"hub": "http://hub", "token": "t", "site_id": "site-1", **wrong})
        with self.assertRaises(ValueError):
            SessionOptions(HubOptions("http://hub", "t", "site-1"), tick=0)

    @staticmethod
    def session(options):
        return SiteSession(SessionOptions(HubOptions("http://hub", "t", "site-1"), options))


if __name__ == "__main__":
    unittest.main()
