# SPDX-License-Identifier: Apache-2.0
"""Judges one trick: what is forbidden stays so, and the control shows it."""

import contextlib

import bypass
from bypass import CANARY, VISIBLE, Names
from servers import QueryFailed


class Trial:
    """One case on one engine."""

    def __init__(self, case, ground):
        self.case = case
        self.place = ground.place
        self.site = ground.checked_site if case.cross_check else ground.site
        self.relay = None
        if case.deaf:
            self.site, self.relay = ground.make_deaf()

    def run(self):
        try:
            if self.case.harmless is not None:
                self._is_harmless()
            else:
                self._is_refused()
                self._cleanup()
                self._control()
        finally:
            self._cleanup()

    # -- the trick ---------------------------------------------------------------

    def _attack(self, connection):
        names = Names(self.place.schema, forbidden=True)
        return bypass.run(self.case, connection, names, self.place.direct)

    def _is_refused(self):
        before = self._relayed()
        self._turn_deaf(True)
        answers = self._attack(self._client())
        self._turn_deaf(False)
        self._nothing_leaked(answers)
        refused = [a for a in answers if a.error]
        assert refused, f"nothing was refused: {answers}"
        assert refused[0].error in self.case.refusals, \
            f"{refused[0].error}: {refused[0].message}"
        assert not answers[-1].rows, "the last step shows something"
        if len(answers) == 1 and not self.case.asked:
            assert self._relayed() == before, "the engine was asked"

    def _is_harmless(self):
        """The engine reads nothing forbidden in it: it may, and does, run."""
        answers = self._attack(self._client())
        self._nothing_leaked(answers)
        assert not answers[-1].error, answers[-1].message
        if self.case.harmless is not True:
            assert answers[-1].rows == self.case.harmless

    @staticmethod
    def _nothing_leaked(answers):
        for answer in answers:
            assert not CANARY.search(answer.seen), answer.seen
            assert not (answer.error and answer.rows)

    # -- the control -------------------------------------------------------------

    def _control(self):
        kind = self.case.control
        if kind == "none":
            return
        if kind.startswith("engine"):
            answers = self._attack(self.place.engine())
            wanted = CANARY
        else:
            before = self._relayed()
            answers = self._allowed()
            wanted = VISIBLE
        if kind == "relayed":
            assert self._relayed() > before, answers[-1].message
            return
        assert not answers[-1].error, f"control: {answers[-1].message}"
        if kind in ("value", "engine"):
            assert wanted.search(answers[-1].seen), \
                f"control shows nothing: {answers[-1].seen}"

    def _allowed(self):
        names = Names(self.place.schema, forbidden=False)
        return bypass.run(self.case, self._client(), names, self.place.direct)

    # -- means -------------------------------------------------------------------

    def _client(self):
        made = self.site.client("analyst", self.place.family)
        made.session["datagateway.cluster"] = self.place.cluster
        return made

    def _turn_deaf(self, how):
        if self.relay is None:
            return
        self.relay.is_deaf = how
        assert how or self.relay.turned_away, "the gateway asked nothing"

    def _relayed(self):
        return self.site.gateway.metric("datagateway_statements_total",
                                        decision="allowed")

    def _cleanup(self):
        sides = [Names(self.place.schema, forbidden)
                 for forbidden in (True, False)]
        for sql in self.case.cleanup:
            for text in {side.fill(sql, self.case.repeat) for side in sides}:
                with contextlib.suppress(QueryFailed):  # it never was there
                    self.place.direct(text)


def test_trick(ground, case):
    """One case; each module that imports this runs those of its ENGINE."""
    Trial(case, ground).run()
