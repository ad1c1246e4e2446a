using System.Text;
using GridServices.Tariffs.Service.Registry;

namespace GridServices.Tariffs.Service.Tests.Registry;

public sealed class TariffReferencesTests
{
    [Theory]
    [InlineData("{}", "")]
    [InlineData("""{"tariffId":"a"}""", "a")]
    [InlineData("""{"tariffs":[{"tariffId":"a"},{"tariffId":"b"},{"tariffId":"a"}]}""", "a b")]
    [InlineData("""{"tariffId":5,"other":{"tariffId":"b"}}""", "b")]
    [InlineData("""{"tariffid":"a"}""", "")]
    [InlineData("""{"tariff\u0049d":"a"}""", "a")]
    [InlineData("""{"a":{"b":{"c":{"tariffId":"too deep"}}}}""", "")]
    public void Names_near_the_top_are_found(string request, string ids) => Assert.Equal(ids, Text(request));

    [Theory]
    [InlineData("")]
    [InlineData("{\"tariffId\":\"a\"")]
    [InlineData("{\"tariffId\":\"a\"} x")]
    [InlineData("not JSON")]
    public void What_is_no_JSON_names_nothing(string request) => Assert.Equal(string.Empty, Text(request));

    [Fact]
    public void No_more_than_a_hundred_and_none_of_endless_length()
    {
        var many = "[" + string.Join(',', Enumerable.Range(0, 500).Select(i => $$"""{"tariffId":"t{{i}}"}""")) + "]";
        Assert.Equal(100, TariffReferences.In(Encoding.UTF8.GetBytes(many)).Count);
        Assert.Empty(TariffReferences.In(Encoding.UTF8.GetBytes($$"""{"tariffId":"{{new string('a', 513)}}"}""")));
    }

    private static string Text(string request) => string.Join(' ', TariffReferences.In(Encoding.UTF8.GetBytes(request)).Order(StringComparer.Ordinal));
}
