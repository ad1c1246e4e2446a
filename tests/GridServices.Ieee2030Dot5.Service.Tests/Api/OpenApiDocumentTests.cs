using GridServices.Testing;

namespace GridServices.Ieee2030Dot5.Service.Tests.Api;

public sealed class OpenApiDocumentTests
{
    [Fact]
    public async Task The_checked_in_document_is_what_the_service_offers()
    {
        await using var service = await ServiceApp.StartAsync(Ieee2030Dot5App.Build);
        await ApiSnapshot.HoldAsync(service, "ieee2030-5");
    }
}
