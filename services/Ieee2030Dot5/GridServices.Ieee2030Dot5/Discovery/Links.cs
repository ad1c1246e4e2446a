using GridServices.Ieee2030Dot5.Messages;

namespace GridServices.Ieee2030Dot5.Discovery;

/// <summary>Which links a resource holds to what can be subscribed to.</summary>
internal static class Links
{
    /// <summary>As sent.</summary>
    public static IEnumerable<string> GetHrefs(Resource? resource) => (resource switch
    {
        DeviceCapability dcap => [dcap.EndDeviceListLink?.Href],
        EndDevice device => [device.FunctionSetAssignmentsListLink?.Href],
        EndDeviceList devices => devices.Readable.Select(d => d.FunctionSetAssignmentsListLink?.Href),
        FunctionSetAssignmentsList assignments => assignments.Readable.SelectMany(a => new[] { a.DerProgramListLink?.Href, a.DemandResponseProgramListLink?.Href, a.TariffProfileListLink?.Href }),
        DerProgramList programs => programs.Readable.SelectMany(p => new[] { p.DefaultDerControlLink?.Href, p.DerControlListLink?.Href, p.ActiveDerControlListLink?.Href }),
        DemandResponseProgramList programs => programs.Readable.SelectMany(p => new[] { p.EndDeviceControlListLink?.Href, p.ActiveEndDeviceControlListLink?.Href }),
        _ => Enumerable.Empty<string?>(),
    }).OfType<string>();
}
