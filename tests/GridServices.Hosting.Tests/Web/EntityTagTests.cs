using GridServices.Contracts;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Web;
using Microsoft.AspNetCore.Http;

namespace GridServices.Hosting.Tests.Web;

public sealed class EntityTagTests
{
    private const string Held = "\"abc\"";

    [Theory]
    [InlineData(null, Held)]
    [InlineData(null, null)]
    [InlineData("\"abc\"", Held)]
    [InlineData("\"x\", \"abc\"", Held)]
    [InlineData("*", Held)]
    public void What_is_held_is_changed(string? ifMatch, string? held) => Request(ifMatch).RequireMatch(held);

    [Theory]
    [InlineData("\"x\"", Held)]
    [InlineData("W/\"abc\"", Held)]
    [InlineData("abc", Held)]
    [InlineData("\"abc\"", null)]
    [InlineData("*", null)]
    public void What_is_no_longer_held_is_not_changed(string ifMatch, string? held)
    {
        var refused = Assert.Throws<ProblemException>(() => Request(ifMatch).RequireMatch(held));
        Assert.Equal(StatusCodes.Status412PreconditionFailed, refused.Problem.Status);
        Assert.Equal(ErrorClass.Conflict, refused.Class);
    }

    [Fact]
    public void Equal_values_have_equal_tags_and_others_have_not()
    {
        Assert.Equal(EntityTags.Compute(new { A = 1, B = "x" }), EntityTags.Compute(new { A = 1, B = "x" }));
        Assert.NotEqual(EntityTags.Compute(new { A = 1, B = "x" }), EntityTags.Compute(new { A = 1, B = "y" }));
    }

    private static DefaultHttpContext Request(string? ifMatch)
    {
        var http = new DefaultHttpContext();
        http.Request.Headers.IfMatch = ifMatch;
        return http;
    }
}
