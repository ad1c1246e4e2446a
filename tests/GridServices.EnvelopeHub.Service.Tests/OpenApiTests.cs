using GridServices.EnvelopeHub.Service;
using GridServices.Testing;

namespace GridServices.EnvelopeHub.Tests;

public sealed class OpenApiTests
{
    [Fact]
    public async Task The_checked_in_document_is_what_the_service_offers()
    {
        await using var service = await ServiceApp.StartAsync(EnvelopeHubApp.Build);
        await ApiSnapshot.HoldAsync(service, "envelope-hub");
    }
}
