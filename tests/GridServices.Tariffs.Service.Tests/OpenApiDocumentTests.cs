using GridServices.Testing;

namespace GridServices.Tariffs.Service.Tests;

public sealed class OpenApiDocumentTests
{
    [Fact]
    public async Task The_checked_in_document_is_what_the_service_offers()
    {
        await using var service = await ServiceApp.StartAsync(TariffsApp.Build);
        await ApiSnapshot.HoldAsync(service, "tariffs");
    }
}
