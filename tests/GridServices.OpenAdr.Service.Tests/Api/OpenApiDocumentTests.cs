using GridServices.Testing;

namespace GridServices.OpenAdr.Service.Tests.Api;

public sealed class OpenApiDocumentTests
{
    [Fact]
    public async Task The_checked_in_document_is_what_the_service_offers()
    {
        await using var service = await ServiceApp.StartAsync(OpenAdrApp.Build);
        await ApiSnapshot.HoldAsync(service, "openadr");
    }
}
