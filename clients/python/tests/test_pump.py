"""Who is told of limits, how often, and what keeps nobody from it."""
import threading
import unittest
from unittest import mock

from gridservices_client import HubOptions, SessionOptions, SiteSession
from gridservices_client.notices import Notices
from gridservices_client.pump import LimitsPump

from .samples import envelope, limits, stated


def ends(case, run):
    """Whether it returns; where it never does the test fails instead of standing still."""
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(60)
    case.assertFalse(thread.is_alive(), "it stands still")


class PumpTest(unittest.TestCase):
    def setUp(self):
        self.holds, self.called, self.notices = 0, [], []

    def pump(self, handler, first_pause=0.001):
        def called(now):
            self.called.append(now.most("importLimitW", 0))
            handler(len(self.called))

        self.subject = LimitsPump(lambda: limits(envelope({"importLimitW": self.holds})), called, self.notices.append, 0.001, 3_600, first_pause)
        return self.subject

    def test_a_handler_that_failed_is_called_again_though_what_was_told_before_holds_again(self):
        def handler(nth):
            if nth == 1:
                self.holds = 10_000
            elif nth == 2:
                self.holds = 0
                raise OSError("the second inverter is away")
            else:
                self.subject.stop()

        ends(self, self.pump(handler).run)
        self.assertEqual([0, 10_000, 0], self.called)
        self.assertIn("the second inverter is away", self.notices[0])

    def test_limits_that_come_during_the_pause_do_not_wait_for_its_end(self):
        def handler(nth):
            if nth == 1:
                self.holds = 5_000
                raise OSError
            self.subject.stop()

        ends(self, self.pump(handler, first_pause=3_600).run)
        self.assertEqual([0, 5_000], self.called)

    def test_a_handler_that_does_not_return_is_told_once(self):
        def handler(_):
            self.subject.tell_if_stuck()
            self.assertEqual([], self.notices)
            self.subject.tell_if_stuck(patience=0)
            self.subject.tell_if_stuck(patience=0)
            self.subject.stop()

        ends(self, self.pump(handler).run)
        self.assertEqual(1, len(self.notices))
        self.assertIn("has not returned", self.notices[0])


class DiskTest(unittest.TestCase):
    def test_limits_are_obeyed_though_the_disk_stands_still(self):
        free, called = threading.Event(), threading.Event()
        self.addCleanup(free.set)
        session = SiteSession(SessionOptions(HubOptions("http://localhost:1", "t", "site-1"), state_file="held.json"), lambda now: now.most("importLimitW", 9) == 7 and called.set())
        with mock.patch("gridservices_client.session.read_state", return_value=None), mock.patch("gridservices_client.session.write_state", side_effect=lambda *_: free.wait()):
            for part in (session._pump.run, session._watch, lambda: session._take(stated("E.1", envelope({"importLimitW": 7})))):
                threading.Thread(target=part, daemon=True).start()
            self.assertTrue(called.wait(60))
            free.set()
            session.stop()

    def test_what_can_t_be_written_is_told_and_nothing_else_stops(self):
        notices = []
        session = SiteSession(SessionOptions(HubOptions("http://localhost:1", "t", "site-1"), state_file="held.json"), on_notice=notices.append)
        with mock.patch("gridservices_client.session.write_state", side_effect=TypeError("no JSON")):
            session._take(stated("E.1", envelope({"importLimitW": 7})))
        session._notices.close(60)
        self.assertIn("can't be written to held.json: TypeError: no JSON", notices[0])
        self.assertFalse(session._distrusted)


class NoticesTest(unittest.TestCase):
    def test_who_stands_still_keeps_nobody_waiting(self):
        free, told = threading.Event(), []
        self.addCleanup(free.set)
        notices = Notices(lambda text: (free.wait(), told.append(text)))
        ends(self, lambda: [notices.tell(str(n)) for n in range(5_000)])
        notices.close(patience=0)
        self.assertEqual([], told)

    def test_a_fault_of_the_listener_s_is_its_own(self):
        told = []

        def listener(text):
            told.append(text)
            raise OSError

        notices = Notices(listener)
        notices.tell("one")
        notices.tell("two")
        notices.close(patience=60)
        self.assertEqual(["one", "two"], told)

    def test_a_session_takes_in_what_the_hub_says_though_the_listener_stands_still(self):
        free = threading.Event()
        self.addCleanup(free.set)
        session = SiteSession(SessionOptions(HubOptions("http://localhost:1", "t", "site-1")), on_notice=lambda text: free.wait())
        ends(self, lambda: [session._take(stated(f"{epoch}.1", envelope({"importLimitW": 7}))) for epoch in "EFG"])
        self.assertEqual(7, session.limits.most("importLimitW", 0))


if __name__ == "__main__":
    unittest.main()
