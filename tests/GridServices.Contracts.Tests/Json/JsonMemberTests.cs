using System.Text;
using GridServices.Contracts.Json;

namespace GridServices.Contracts.Tests.Json;

/// <summary>Member by member: wrong kinds become faults and placeholders, so that all of them are found.</summary>
public sealed class JsonMemberTests
{
    [Fact]
    public void Every_fault_is_collected_with_its_pointer()
    {
        var faults = Read("""{"text":1,"number":"2","items":{},"flag":"true","whole":1.5,"real":1e400,"big":1e28,"a/b":{"~":null}}""", root =>
        {
            Assert.Equal(("", 0m, false, 0, 0m), (root.Required("text", "").Text(), root.Required("number", "").Number(), root.Required("flag", "").Flag(), root.Required("whole", "").Integer(), root.Required("big", "").Number()));
            Assert.Empty(root.Required("items", "").Items());
            Assert.Equal(-5, root.Required("real", "").Double(-5, 5, "volts"));
            root.Required("a/b", "").Required("~", "the tilde").Text();
        });
        Assert.Equal(
            [
                ("/text", ErrorClass.SchemaInvalid), ("/number", ErrorClass.SchemaInvalid), ("/flag", ErrorClass.SchemaInvalid), ("/whole", ErrorClass.SemanticNumber),
                ("/big", ErrorClass.SemanticNumber), ("/items", ErrorClass.SchemaInvalid), ("/real", ErrorClass.SemanticNumber), ("/a~1b/~0", ErrorClass.SchemaInvalid),
            ],
            faults.Select(f => (f.Pointer, f.Class)));
        Assert.Equal("a number is here; write a text", faults[0].Detail);
        Assert.Equal("required, and not there: the tilde", faults[^1].Detail);
    }

    [Fact]
    public void What_is_absent_is_noted_once_whatever_is_read_of_it()
    {
        var faults = Read("{}", root =>
        {
            var missing = root.Required("a", "an example");
            Assert.Equal((0m, "", false), (missing.Number(), missing.Text(), missing.Flag()));
            Assert.Empty(missing.Items(1, 2));
            Assert.Empty(missing.Members(1, 2));
            Assert.Null(missing.Member("b"));
        });
        Assert.Equal("/a", Assert.Single(faults).Pointer);
    }

    [Fact]
    public void Values_are_read_as_written()
    {
        var faults = Read("""{"n":12.50,"e":-1.5e3,"t":"x","b":true,"f":false,"l":[1,2],"m":{"x":1,"y":2},"null":null}""", root =>
        {
            Assert.Equal((12.50m, -1500m, -1500), (root.Member("n")!.Number(), root.Member("e")!.Number(), root.Member("e")!.Integer()));
            Assert.Equal(("x", true, false), (root.Member("t")!.Text(), root.Member("b")!.Flag(), root.Member("f")!.Flag()));
            Assert.Equal(["/l/0", "/l/1"], root.Member("l")!.Items(2, 2).Select(i => i.Pointer));
            Assert.Equal([("x", 1), ("y", 2)], root.Member("m")!.Members(1, 2).Select(m => (m.Name, m.Value.Integer())));
            Assert.Equal((false, false, true), (root.Has("null"), root.Has("other"), root.Has("n")));
        });
        Assert.Empty(faults);
    }

    [Fact]
    public void Counts_are_bounded()
    {
        var faults = Read("""{"l":[1,2,3],"m":{}}""", root =>
        {
            Assert.Empty(root.Member("l")!.Items(1, 2));
            Assert.Empty(root.Member("m")!.Members(1, 2));
            Assert.Empty(root.Member("l")!.Items(4));
        });
        Assert.Equal(["3 items; give 1 to 2", "0 members; give 1 to 2", "3 items; give at least 4"], faults.Select(f => f.Detail));
        Assert.All(faults, f => Assert.Equal(ErrorClass.LimitCount, f.Class));
    }

    [Fact]
    public void Every_unknown_member_is_named_with_the_nearest()
    {
        var faults = Read("""{"start":1,"strat":2,"zzzzzz":3}""", root => root.RefuseUnknown("start", "stop"));
        Assert.Equal([("/strat", "'strat' is not known here; did you mean start?"), ("/zzzzzz", "'zzzzzz' is not known here; remove it, or use one of start, stop")], faults.Select(f => (f.Pointer, f.Detail)));
    }

    private static IReadOnlyList<ConfigFault> Read(string json, Action<JsonMember> read)
    {
        using var document = StrictJson.Open(Encoding.UTF8.GetBytes(json), JsonBounds.Document, out var fault);
        Assert.Null(fault);
        var faults = new ConfigFaults();
        read(new JsonMember(document!.RootElement, JsonPath.Root, faults));
        return faults.All;
    }
}
