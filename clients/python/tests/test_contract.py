"""The contract's own examples: what is valid is read, and what is not is refused whole."""
import pathlib
import unittest

from gridservices_client import contract, models

EXAMPLES = pathlib.Path(__file__).parents[3] / "contracts" / "v1" / "examples"
KINDS = ("envelope", "withdrawal", "heartbeat", "site-snapshot", "site-envelopes", "publication", "price-series", "effective-timeline")


class ContractTest(unittest.TestCase):
    def test_examples_are_read_or_refused(self):
        count = 0
        for kind in KINDS:
            for file in sorted((EXAMPLES / kind).glob("*/*.json")):
                with self.subTest(f"{kind}/{file.parent.name}/{file.name}"):
                    count += 1
                    if file.parent.name == "valid":
                        contract.parse(file.read_bytes(), f"{kind}.schema.json")
                    else:
                        with self.assertRaises(contract.NotReadable):
                            contract.parse(file.read_bytes(), f"{kind}.schema.json")
        self.assertGreater(count, 80)

    def test_a_member_that_is_there_twice_and_what_is_no_number_are_refused(self):
        valid = (EXAMPLES / "envelope" / "valid" / "required-members-only.json").read_text(encoding="utf-8")
        contract.parse(valid, "envelope.schema.json")
        for text in (valid.replace('"revision"', '"revision": 1, "revision"'), "NaN", "[1", b"\xff", "[" * 100_000):
            with self.subTest(text[:20]), self.assertRaises(contract.NotReadable):
                contract.parse(text, "envelope.schema.json")

    def test_models_are_those_of_the_contract(self):
        self.assertIn("importLimitW", models.Limits.__annotations__)


if __name__ == "__main__":
    unittest.main()
