using GridServices.Testing;

namespace GridServices.FrequencyResponse.Service.Tests.Api;

public sealed class OpenApiDocumentTests
{
    [Fact]
    public async Task The_checked_in_document_is_what_the_service_offers()
    {
        await using var service = await ServiceApp.StartAsync(FrequencyResponseApp.Build);
        await ApiSnapshot.HoldAsync(service, "frequency-response");
    }
}
