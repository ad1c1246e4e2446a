using GridServices.Hosting;

namespace GridServices.Operations.Service;

/// <summary>What the service's OpenAPI document says beyond its endpoints.</summary>
internal static class OperationsApi
{
    internal static readonly ApiAbout About = new()
    {
        Description =
            "Customers, sites, meter points, programs and enrollments; what is written at the other services for them; events, opt decisions and compliance. "
            + "It owns no grid behaviour: it writes configuration to the other services and reads their state. What can't be read is answered as unknown, never as good.",
    };
}
