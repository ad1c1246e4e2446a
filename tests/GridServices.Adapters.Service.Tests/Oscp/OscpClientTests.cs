using GridServices.Adapters.Service.Oscp;

namespace GridServices.Adapters.Service.Tests.Oscp;

/// <summary>Which answers of 2xx are of a flexibility provider.</summary>
public sealed class OscpClientTests
{
    [Theory]
    [InlineData(null, "", true)]
    [InlineData("text/html", " ", true)]
    [InlineData("text/html; charset=UTF-8", "{\"status\":\"ok\"}", true)]
    [InlineData("application/json", "{}", true)]
    [InlineData("application/json", "OK", true)]
    [InlineData("application/octet-stream", "{}", true)]
    [InlineData("text/plain", "OK", true)]
    [InlineData(null, "Accepted", true)]
    [InlineData("text/plain", "\r\n <html>back in a minute</html>", false)]
    [InlineData(null, "<?xml version='1.0'?><fault/>", false)]
    [InlineData("text/html", "back in a minute", false)]
    [InlineData("text/html", "\"back in a minute\"", false)]
    [InlineData("application/xml", "1", false)]
    [InlineData("image/png", "PNG", false)]
    public void A_word_or_JSON_is_the_providers_and_markup_is_of_something_between(string? kind, string text, bool isOfProvider) =>
        Assert.Equal(isOfProvider, OscpClient.IsFromProvider(kind, text));
}
