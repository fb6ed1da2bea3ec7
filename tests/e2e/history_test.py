"""The same history gives the same ledger, whoever gets killed: a shop in which all commands of the points service are given
for two years, on a test clock, once in peace and then with SIGKILL in the middle, again and again, while several
commands are in flight. What was not answered is sent again, with the same request ids, until it is; then every answer,
every member and every entry are the same.

In between the head office changes rules and policies and gives awards to audiences. Batches are of one command, of
seven, and as large as they may be.

LOYALTY_SEED repeats a history and the moments of the kills.
"""
import concurrent.futures
import os
import pathlib
import random
import re
import tempfile
import threading
import time

import stubs
import suite

stubs.go_on_where_grpc_is()
_STUBS = tempfile.TemporaryDirectory(prefix="loyalty-stubs.")
stubs.make(pathlib.Path(_STUBS.name))

import grpc
from history_commands import HOUSEHOLDS, PROGRAM, SERVICES, Call, History, opening
from retries import CHANNEL, TRY_AGAIN

SEED = int(os.environ.get("LOYALTY_SEED", random.SystemRandom().randrange(10**6)))
KILLS = 14  # of each run with kills
KILLS_OF_HEAD_OFFICE = 6  # of these, while what holds for all is changed
BATCH_LIMITS = (1, 7, 1000)  # the last is the default
LONGEST_DELAY_S = 0.02  # from sending to the kill: batches take some milliseconds


class Client:
    def __init__(self, address):
        self._channel = grpc.insecure_channel(address, CHANNEL)
        self._stubs = {name: stub(self._channel) for name, (_, stub) in SERVICES.items()}
        self.tried_again = 0  # adding is not atomic, and need not be

    def close(self):
        self._channel.close()

    def do(self, call):
        """The answer, or why it was refused; whatever it takes to get one."""
        method = getattr(self._stubs[call.service], call.rpc)
        deadline = time.monotonic() + suite.PATIENCE
        while True:
            try:
                return method(call.request, timeout=20, wait_for_ready=True)
            except grpc.RpcError as error:
                if error.code() not in TRY_AGAIN:
                    return f"{error.code().name}: {error.details()}"
                if time.monotonic() > deadline:
                    raise
                self.tried_again += 1

    def get(self, service, rpc, **fields):
        answer = self.do(Call(service, rpc, program_id=PROGRAM, **fields))
        assert not isinstance(answer, str), f"{rpc} of {fields}: {answer}"
        return answer

    def all_of(self, field, service, rpc, **fields):
        """All pages of a list."""
        token, found = "", []
        while True:
            page = self.get(service, rpc, page_token=token, page_size=1000, **fields)
            found += getattr(page, field)
            token = page.next_page_token
            if not token:
                return found


def in_words(answer):
    """What it says, but for what differs from run to run: made codes are random, and accounts are numbered as they come."""
    entries = [answer] if hasattr(answer, "reward_id") else [answer.entry] if hasattr(answer, "entry") else []
    for one in entries:
        if one.reward_id.startswith("code-"):
            one.code = "made"
    # An advance that is taken up again counts what it does from there on.
    words = str(answer.clock if hasattr(answer, "clock") else answer)
    return re.sub(r"(audience:[\w-]+):\d+", r"\1:account", words)


def is_refusal(words):
    return re.match("[A-Z_]+: ", words) is not None


class HistoryTest(suite.SuiteTest):
    maxDiff = 2000

    def setUp(self):
        super().setUp()
        print(f"\nLOYALTY_SEED={SEED}", flush=True)
        self.history = History(SEED)

    def play(self, flags=(), kills=frozenset()):
        """All answers to a history, and what the ledger says at its end; with kills during the steps of these numbers."""
        database = suite.Database()
        self.addCleanup(database.drop)
        suite.migrate("points", database.url)
        server = suite.Server("points", database.url, self.folder, flags)
        server.add_flags(f"--due_addresses={server.address}")
        self.addCleanup(lambda: server.process and server.process.poll() is None and server.kill())
        client = Client(server.start().address)
        self.addCleanup(client.close)
        for call in opening():
            self.assertNotIsInstance(client.do(call), str, call.request)
        answers = []
        with concurrent.futures.ThreadPoolExecutor(HOUSEHOLDS) as lanes:
            for number, step in enumerate(self.history.steps):
                asked = [lanes.submit(client.do, call) for call in step]
                if number in kills:
                    threading.Event().wait(self.chance.uniform(0, LONGEST_DELAY_S))  # any moment will do
                    server.kill()
                    server.start()
                answers.append([in_words(one.result()) for one in asked])
            state = self.state(client)
            # All that was accepted may come once more, whenever it likes, and changes nothing.
            accepted = self.accepted(answers)
            list(lanes.map(client.do, accepted))
        self.assertEqual(self.state(client), state)
        print(f"{flags} {len(kills)} kills: {len(accepted)} accepted, {client.tried_again} tried again", flush=True)
        self.assertTrue(not kills or client.tried_again > 0, "nobody noticed the kills")
        return answers, state

    def kills(self):
        """Some while what holds for all is changed, the others while households are served."""
        of_head_office = self.history.of_head_office
        others = sorted(set(range(len(self.history.steps))) - set(of_head_office))
        return {*self.chance.sample(of_head_office, KILLS_OF_HEAD_OFFICE),
                *self.chance.sample(others, KILLS - KILLS_OF_HEAD_OFFICE)}

    def accepted(self, answers):
        return [call for step, said in zip(self.history.steps, answers) for call, words in zip(step, said)
                if call.service != "clock" and not call.request.validate_only and not is_refusal(words)]

    def state(self, client):
        found = client.get("ledger", "VerifyLedger")
        self.assertFalse(found.differences, found)
        state = {"ledger": str(found), "program": str(client.get("programs", "GetProgram"))}
        for name, listed in (("rules", client.all_of("rules", "rules", "ListEarnRules", include_archived=True)),
                             ("awards", client.all_of("awards", "audiences", "ListAudienceAwards"))):
            state[name] = "\n".join(map(str, listed))
        for member in self.history.members:
            who = dict(member_id=member)
            known = client.do(Call("points", "GetMember", program_id=PROGRAM, **who))
            if isinstance(known, str):
                state[member] = known
                continue
            entries = client.all_of("entries", "points", "ListEntries", **who)
            explained = [client.get("points", "ExplainEntry", sequence=entry.sequence, **who).explanations
                         for entry in entries if entry.awards]
            state[member] = "\n".join(map(in_words, [
                known.member, client.get("points", "GetBalance", **who), client.get("members", "GetConsents", **who),
                *client.all_of("redemptions", "rewards", "ListRedemptions", **who), *entries, *explained]))
        return state

    def assert_told_much(self, played):
        """Every command of the head office was accepted at least once, and what it changed was felt."""
        answers, state = played
        steps = [self.history.steps[number] for number in self.history.of_head_office]
        asked = {call.rpc for step in steps for call in step if call.service != "clock"}
        self.assertEqual(asked - {call.rpc for call in self.accepted(answers)}, set(), "always refused")
        entries = "".join(state[member] for member in self.history.members)
        for felt in ('cause: "audience:award-', 'rule_id: "extra-', "version: 2"):
            self.assertIn(felt, entries)
        self.assertNotRegex(state["awards"], "STATE_(SCHEDULED|RUNNING)")

    def assert_same(self, played, expected):
        for step, said, should in zip(self.history.steps, played[0], expected[0]):
            for call, words, expected_words in zip(step, said, should):
                self.assertEqual(words, expected_words, call.request)
        for member, words in played[1].items():
            self.assertEqual(words, expected[1][member], member)

    def test_a_history_gives_the_same_ledger_whoever_gets_killed(self):
        in_peace = self.play()
        self.assert_told_much(in_peace)
        self.chance = random.Random(SEED + 1)
        for batch_limit in BATCH_LIMITS:
            with self.subTest("killed", batch_limit=batch_limit):
                self.assert_same(self.play([f"--batch_limit={batch_limit}"], self.kills()), in_peace)


if __name__ == "__main__":
    suite.main()
