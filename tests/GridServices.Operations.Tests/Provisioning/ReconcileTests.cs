using FsCheck;
using FsCheck.Fluent;
using GridServices.Operations.Provisioning;

namespace GridServices.Operations.Tests.Provisioning;

public sealed class ReconcileTests
{
    private const string Wanted = """{"pollInterval":"PT10S","siteId":"site-1","venName":"site-1"}""";
    private const string Shown = """{"pollInterval":"PT10S","pollFloor":"PT1S","siteId":"site-1","venName":"site-1","programs":[]}""";
    private static readonly DocumentState Written = new(true, Wanted, Wanted, Shown, Shown);

    private const string Other = """{"pollInterval":"PT20S","siteId":"site-1"}""";
    private const string OtherShown = """{"pollInterval":"PT20S","pollFloor":"PT1S","siteId":"site-1","programs":[]}""";
    private static readonly DocumentState Sent = Written with { Wanted = Other, Sent = Other };

    private static string Changed => Shown.Replace("PT10S", "PT30S", StringComparison.Ordinal);

    [Fact]
    public void A_change_made_by_hand_is_shown_with_place_and_both_values_and_never_overwritten()
    {
        var outcome = Reconcile.Decide(Written with { Found = Changed });
        Assert.Equal(ReconcileAction.ShowDrift, outcome.Action);
        Assert.Equal(new DriftItem("/pollInterval", "\"PT10S\"", "\"PT30S\""), Assert.Single(outcome.Drift));

        // Not even when the enrollment wants something else now, or nothing any more.
        Assert.Equal(ReconcileAction.ShowDrift, Reconcile.Decide(Written with { Found = Changed, Wanted = """{"siteId":"site-1"}""" }).Action);
        Assert.Equal(ReconcileAction.ShowDrift, Reconcile.Decide(Written with { Found = Changed, Wanted = null }).Action);
    }

    public static TheoryData<string, DocumentState, ReconcileAction> Cases => new()
    {
        { "as written", Written, ReconcileAction.InStep },
        { "another document is wanted", Written with { Wanted = """{"siteId":"site-1","venName":"other"}""" }, ReconcileAction.Write },
        { "not wanted any more", Written with { Wanted = null }, ReconcileAction.Delete },
        { "deleted by hand", Written with { Found = null }, ReconcileAction.ShowDrift },
        { "not wanted any more, and gone", Written with { Wanted = null, Found = null }, ReconcileAction.Forget },
        { "somebody else's, shown as drift and not wanted any more", new DocumentState(true, null, Wanted, null, Changed), ReconcileAction.Forget },
        { "somebody else's, shown as drift and gone", new DocumentState(true, Wanted, Wanted, null, null), ReconcileAction.Write },
        { "another one was sent, and is there", Sent with { Found = Other }, ReconcileAction.Adopt },
        { "another one was sent, and is there with defaults", Sent with { Found = OtherShown }, ReconcileAction.Adopt },
        { "another one was sent, and did not get there", Sent, ReconcileAction.Write },
        { "another one was sent, did not get there, and is not wanted now", Sent with { Wanted = Wanted }, ReconcileAction.Adopt },
        { "another one was sent, and a third is there", Sent with { Found = Changed }, ReconcileAction.ShowDrift },
        { "another one was sent, is there, and is not wanted now", Sent with { Found = OtherShown, Wanted = null }, ReconcileAction.Delete },
        { "a part of what is there was sent, and did not get there", Written with { Wanted = """{"siteId":"site-1"}""", Sent = """{"siteId":"site-1"}""" }, ReconcileAction.Write },
        { "sent, there, and not wanted now", new DocumentState(true, null, Wanted, null, Shown, Wanted), ReconcileAction.Delete },
        { "sent, and somebody else's there", new DocumentState(true, null, Wanted, null, Changed, Wanted), ReconcileAction.Forget },
        { "deleted without an answer", Written with { Wanted = null, Found = null, Sent = DocumentState.Deletion }, ReconcileAction.Forget },
        { "deleted without an answer, and wanted again", Written with { Found = null, Sent = DocumentState.Deletion }, ReconcileAction.Write },
        { "a deletion that did not get there", Written with { Wanted = null, Sent = DocumentState.Deletion }, ReconcileAction.Delete },
        { "a default was added by hand", Written with { Found = Shown.Replace("[]", "[1]", StringComparison.Ordinal) }, ReconcileAction.ShowDrift },
        { "never written", new DocumentState(true, Wanted, null, null, null), ReconcileAction.Write },
        { "made by somebody else, alike", new DocumentState(true, Wanted, null, null, Shown), ReconcileAction.Adopt },
        { "made by somebody else, different", new DocumentState(true, Wanted, null, null, Changed), ReconcileAction.ShowDrift },
        { "somebody else's and none of ours", new DocumentState(true, null, null, null, Shown), ReconcileAction.InStep },
        { "nothing at all", new DocumentState(true, null, null, null, null), ReconcileAction.InStep },
        { "the service is down", Written with { Answered = false, Found = null }, ReconcileAction.Unknown },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_state_has_one_outcome(string name, DocumentState state, ReconcileAction action) =>
        Assert.Equal((name, action), (name, Reconcile.Decide(state).Action));

    [Fact]
    public void What_was_taken_over_is_wanted_from_then_on()
    {
        var drift = Reconcile.Decide(Written with { Found = Changed }).Drift;
        var wanted = TakenOver(Wanted, drift).Json;
        Assert.Equal("""{"pollInterval":"PT30S","siteId":"site-1","venName":"site-1"}""", wanted);
        Assert.Equal(ReconcileAction.InStep, Reconcile.Decide(new DocumentState(true, wanted, wanted, Changed, Changed)).Action);
    }

    [Theory]
    [InlineData("""{"a":{"b":1}}""", "/a/b", null, """{"a":{}}""")]
    [InlineData("""{"a":[1,2]}""", "/a/1", "3", """{"a":[1,3]}""")]
    [InlineData("""{"a":[1,2]}""", "/a/7", "3", """{"a":[1,2]}""")]
    [InlineData("""{}""", "/a/b", "true", """{"a":{"b":true}}""")]
    [InlineData("""{"a/b":1}""", "/a~1b", "2", """{"a/b":2}""")]
    public void A_taken_over_difference_is_put_where_it_was(string wanted, string pointer, string? found, string result) =>
        Assert.Equal(result, TakenOver(wanted, [new DriftItem(pointer, null, found)]).Json);

    private const string Programs = """{"programs":[{"marketContext":"u/a","limit":1},{"marketContext":"u/b","limit":2},{"marketContext":"u/c","limit":3}]}""";

    [Fact]
    public void What_was_taken_over_of_one_program_never_becomes_another_one_s()
    {
        // B's limit was changed by hand and taken over; then A ends, and C stands where B stood.
        var taken = Reconcile.WithNames(Programs, [new TakenItem("/programs/1/limit", "2", "90")]);
        Assert.Equal([1, 90, 3], ReadLimits(Reconcile.WithTakenOver(Programs, taken)));
        var after = Reconcile.WithTakenOver("""{"programs":[{"marketContext":"u/b","limit":2},{"marketContext":"u/c","limit":3}]}""", taken);
        Assert.Equal([90, 3], ReadLimits(after));
        Assert.Empty(after.LeftOut);

        // B ends too: what was its own goes with it, and is told.
        var gone = Reconcile.WithTakenOver("""{"programs":[{"marketContext":"u/a","limit":1},{"marketContext":"u/c","limit":3}]}""", taken);
        Assert.Equal([1, 3], ReadLimits(gone));
        Assert.Equal("/programs/1/limit", Assert.Single(gone.LeftOut).Pointer);
        Assert.Empty(gone.Kept);
        Assert.Single(Reconcile.WithTakenOver("{}", taken).LeftOut);
        Assert.Equal("{}", Reconcile.WithTakenOver("{}", taken).Json);
    }

    [Fact]
    public void Of_a_version_that_kept_no_names_they_are_those_of_the_last_document_and_a_change_made_on_another_one_follows_it()
    {
        TakenItem[] old = [new("/programs/1/marketContext", "\"u/b\"", "\"u/x\""), new("/programs/1/limit", "2", "90")];
        var now = Reconcile.WithTakenOver(Programs, Reconcile.WithNames(Programs, old));
        Assert.Contains("""{"limit":90,"marketContext":"u/x"}""", now.Json, StringComparison.Ordinal);
        var later = Reconcile.WithTakenOver(Programs, [.. Reconcile.WithNames(Programs, old), .. Reconcile.WithNames(now.Json, [new("/programs/1/limit", "90", "95")])]);
        Assert.Equal([1, 95, 3], ReadLimits(later));
    }

    [Fact]
    public void A_list_that_was_taken_over_as_a_whole_stands_for_what_was_in_it()
    {
        var more = """[{"marketContext":"u/a","limit":1},{"marketContext":"u/z","limit":9}]""";
        TakenItem[] whole = [new("/programs", """[{"marketContext":"u/a","limit":1}]""", more)];
        Assert.Equal([1, 9], ReadLimits(Reconcile.WithTakenOver("""{"programs":[{"marketContext":"u/a","limit":5}]}""", Reconcile.WithNames("{}", whole))));
        var other = Reconcile.WithTakenOver(Programs, Reconcile.WithNames("{}", whole));
        Assert.Equal([1, 2, 3], ReadLimits(other));
        Assert.Single(other.LeftOut);
    }

    private static IEnumerable<int> ReadLimits(TakenOver over) => System.Text.Json.Nodes.JsonNode.Parse(over.Json)!["programs"]!.AsArray().Select(p => (int)p!["limit"]!);

    private static TakenOver TakenOver(string wanted, IEnumerable<DriftItem> drift) => Reconcile.WithTakenOver(wanted, Reconcile.WithNames(wanted, drift.Select(d => new TakenItem(d.Pointer, d.Wanted, d.Found))));

    [Theory]
    [InlineData("""{"a":1}""", """{"a":1.0}""")]
    [InlineData("""{"a":100}""", """{"a":1e2}""")]
    [InlineData("""{"a":null}""", """{}""")]
    [InlineData("""{"a":[{"x":1,"y":2}]}""", """{"a":[{"y":2,"x":1}]}""")]
    public void What_means_the_same_is_no_drift(string left, string right)
    {
        Assert.Empty(Drift.Between(left, right));
        Assert.Empty(Drift.Between(right, left));
    }

    [Theory]
    [InlineData("""{"a":1}""", """{"a":"1"}""", "/a")]
    [InlineData("""{"a":[1]}""", """{"a":[1,2]}""", "/a")]
    [InlineData("""{"a":{"b~c":true}}""", """{"a":{"b~c":false}}""", "/a/b~0c")]
    [InlineData("""{"a":{}}""", """{}""", "/a")]
    [InlineData("""{"a":0}""", """{}""", "/a")]
    public void What_differs_is_told_by_its_pointer(string left, string right, string pointer) =>
        Assert.Equal(pointer, Assert.Single(Drift.Between(left, right)).Pointer);

    [Fact]
    public void Taking_over_all_differences_leaves_none() => Prop.ForAll(Documents(), Documents(), (wanted, found) =>
    {
        var drift = Drift.Between(wanted, found);
        Assert.Empty(Drift.Between(TakenOver(wanted, drift).Json, found));
        Assert.Equal(drift.Count, Drift.Between(found, wanted).Count);
        Assert.Empty(Drift.Between(wanted, wanted));
        Assert.All(Drift.Missing(wanted, found), item => Assert.Contains(item, drift));
    }).QuickCheckThrowOnFailure();

    private static Arbitrary<string> Documents() =>
        Gen.Elements("1", "2", "\"x\"", "true", "[1,2]", "[2,1]", "{\"c\":1}", "{\"c\":{\"d\":2}}", "null").ArrayOf(3)
            .Select(v => $$$"""{"a":{{{v[0]}}},"b":{{{v[1]}}},"e":{"f":{{{v[2]}}} } }""").ToArbitrary();

    public sealed class Plans
    {
        private static readonly IReadOnlyList<WantedDocument> Documents = WantedDocuments.Create([WantedDocumentTests.Ven], Sample.Day("2027-06-01")).Documents;

        [Fact]
        public void Meters_are_written_before_the_line_to_the_utility_and_all_is_taken_back_last_first()
        {
            var plan = ProvisioningPlan.Create(Documents.Reverse(), new Dictionary<string, string> { ["/v1/meters/meter-1"] = """{"tariffId":"old"}""" }, []);
            Assert.Equal(["PUT /v1/meters/meter-1", "PUT /v1/vens/site-1"], plan.Steps.Select(s => $"{s.Do.Method} {s.Do.Path}"));
            Assert.Equal(["DELETE /v1/vens/site-1 ", "PUT /v1/meters/meter-1 {\"tariffId\":\"old\"}"], plan.Rollback(2, isLeaving: false).Select(s => $"{s.Undo!.Method} {s.Undo.Path} {s.Undo.Json}"));
            Assert.Equal(["/v1/meters/meter-1"], plan.Rollback(1, isLeaving: false).Select(s => s.Undo!.Path));
            Assert.Empty(plan.Rollback(0, isLeaving: false));
            Assert.Throws<ArgumentOutOfRangeException>(() => plan.Rollback(3, isLeaving: false));
        }

        [Fact]
        public void What_goes_goes_first_the_utility_s_line_before_meters_and_comes_back_on_a_refusal()
        {
            var before = new Dictionary<string, string> { ["/v1/vens/old"] = "{}", ["/v1/meters/old"] = "{}" };
            var plan = ProvisioningPlan.Create(Documents, before, [(ProvisionedService.Tariffs, "/v1/meters/old"), (ProvisionedService.OpenAdr, "/v1/vens/old"), (ProvisionedService.OpenAdr, "/v1/vens/never")]);
            Assert.Equal(["DELETE /v1/vens/old", "DELETE /v1/meters/old", "PUT /v1/meters/meter-1", "PUT /v1/vens/site-1"], plan.Steps.Select(s => $"{s.Do.Method} {s.Do.Path}"));
            Assert.Equal(["DELETE /v1/meters/meter-1", "PUT /v1/meters/old", "PUT /v1/vens/old"], plan.Rollback(3, isLeaving: false).Select(s => $"{s.Undo!.Method} {s.Undo.Path}"));

            // For one that leaves what goes stays away, and what was written of the others does not.
            Assert.Equal(["DELETE /v1/meters/meter-1"], plan.Rollback(3, isLeaving: true).Select(s => $"{s.Undo!.Method} {s.Undo.Path}"));
        }
    }
}
