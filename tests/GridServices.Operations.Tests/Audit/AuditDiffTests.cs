using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using GridServices.Operations.Audit;

namespace GridServices.Operations.Tests.Audit;

public sealed class AuditDiffTests
{
    [Fact]
    public void Only_what_changed_is_told_by_its_pointer()
    {
        var changes = AuditDiff.Between("site", """{"name":"A","connection":{"importMaxW":60000,"exportMaxW":0},"tags":["x"]}""", """{"name":"A","connection":{"importMaxW":80000,"exportMaxW":0},"tags":["x","y"]}""");
        Assert.Equal([new AuditChange("/connection/importMaxW", "60000", "80000"), new AuditChange("/tags/1", null, "\"y\"")], changes);
    }

    [Theory]
    [InlineData("""{"kw":16}""", """{"kw":16.00}""")]
    [InlineData("""{"a":1,"b":2}""", """{"b":2,"a":1}""")]
    public void What_only_looks_different_is_no_change(string before, string after) => Assert.Empty(AuditDiff.Between("nomination", before, after));

    [Fact]
    public void A_member_that_is_null_differs_from_one_that_is_not_there()
    {
        Assert.Equal([new AuditChange("/pin", null, "\"(secret)\"")], AuditDiff.Between("enrollment", "{}", """{"pin":"123455"}"""));
        Assert.Equal([new AuditChange("/note", "null", null)], AuditDiff.Between("site", """{"note":null}""", "{}"));
    }

    [Theory]
    [InlineData("user", "passwordHash", "$2b$12$abc")]
    [InlineData("webhook", "signingSecret", "topsecret")]
    [InlineData("user", "TotpSecret", "JBSWY3DP")]
    [InlineData("contact", "email", "ann@example.com")]
    [InlineData("contact", "name", "Ann Example")]
    [InlineData("meterPoint", "accountNo", "1234567890")]
    [InlineData("customer", "taxId", "DE123")]
    public void Secrets_and_personal_data_are_told_as_changed_and_never_shown(string kind, string member, string value)
    {
        var changes = AuditDiff.Between(kind, JsonSerializer.Serialize(new Dictionary<string, string> { [member] = "old" + value }), JsonSerializer.Serialize(new Dictionary<string, string> { [member] = value }));
        var change = Assert.Single(changes);
        Assert.Equal("/" + member, change.Pointer);
        Assert.Equal(change.Before, change.After);
        Assert.DoesNotContain(value, change.After, StringComparison.Ordinal);
    }

    [Fact]
    public void A_whole_object_that_is_new_or_gone_is_masked_inside()
    {
        var json = """{"name":"Ann","email":"ann@example.com","role":"billing","webhook":{"signingSecret":"s"},"seen":[{"phone":"+14155550100"}]}""";
        foreach (var change in AuditDiff.Between("contact", null, json).Concat(AuditDiff.Between("contact", json, null)))
        {
            var shown = change.After ?? change.Before!;
            Assert.Equal(string.Empty, change.Pointer);
            Assert.Contains("billing", shown, StringComparison.Ordinal);
            Assert.DoesNotContain("Ann", shown, StringComparison.Ordinal);
            Assert.DoesNotContain("ann@", shown, StringComparison.Ordinal);
            Assert.DoesNotContain("4155", shown, StringComparison.Ordinal);
            Assert.DoesNotContain("\"s\"", shown, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("call ann@example.com or +49 30 1234567", "call (personal) or (personal)")]
    [InlineData("-----BEGIN EC PRIVATE KEY-----\nabc", "(secret)")]
    [InlineData("limit 60 kW until 19:00, e17", "limit 60 kW until 19:00, e17")]
    [InlineData("+5 kW more", "+5 kW more")]
    public void Personal_data_inside_texts_are_masked(string text, string shown) => Assert.Equal(shown, AuditMask.FreeText(text));

    [Fact]
    public void A_site_s_name_is_no_personal_data() => Assert.Equal("\"B\"", Assert.Single(AuditDiff.Between("site", """{"name":"A"}""", """{"name":"B"}""")).After);

    [Fact]
    public void A_change_of_everything_stays_bounded()
    {
        var changes = AuditDiff.Between("import", JsonSerializer.Serialize(Enumerable.Range(0, 1000)), JsonSerializer.Serialize(Enumerable.Range(1, 1000)));
        Assert.Equal(AuditDiff.MostChanges + 1, changes.Count);
        Assert.Equal(new AuditChange(AuditDiff.More, null, "800"), changes[^1]);
    }

    [Fact]
    public void A_name_with_a_slash_is_escaped_in_its_pointer() =>
        Assert.Equal("/a~1b~0c", Assert.Single(AuditDiff.Between("site", """{"a/b~c":1}""", """{"a/b~c":2}""")).Pointer);

    [Fact]
    public void No_secret_is_ever_in_the_entry_wherever_it_is_in_the_document() => Prop.ForAll(ArbMap.Default.ArbFor<(Guid, Guid, byte)>(), drawn =>
    {
        var (before, after) = (Document(drawn.Item1, drawn.Item3), Document(drawn.Item2, drawn.Item3));
        var changes = AuditDiff.Between("webhook", before, after).Concat(AuditDiff.Between("webhook", null, after)).Concat(AuditDiff.Between("webhook", before, null)).ToList();
        return changes.Count > 2 && !changes.Any(c => (c.Before + c.After).Contains(drawn.Item1.ToString(), StringComparison.Ordinal) || (c.Before + c.After).Contains(drawn.Item2.ToString(), StringComparison.Ordinal));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_document_does_not_differ_from_itself() => Prop.ForAll(ArbMap.Default.ArbFor<(Guid, byte)>(), drawn =>
        AuditDiff.Between("webhook", Document(drawn.Item1, drawn.Item2), Document(drawn.Item1, drawn.Item2)).Count == 0).QuickCheckThrowOnFailure();

    [Fact]
    public void What_is_no_JSON_is_refused() => Assert.ThrowsAny<JsonException>(() => AuditDiff.Between("site", "{", "{}"));

    private static string Document(Guid secret, byte depth)
    {
        var names = new[] { "signingSecret", "password", "token", "privateKey", "email", "phone" };
        var json = $"{{\"{names[depth % names.Length]}\":\"{secret}\",\"url\":\"https://example.com\"}}";
        for (var i = 0; i < depth % 5; i++)
        {
            json = i % 2 == 0 ? $"{{\"inner\":{json}}}" : $"[{json},1]";
        }

        return json;
    }
}
