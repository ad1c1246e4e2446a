using GridServices.FrequencyResponse.Measurement;
using GridServices.FrequencyResponse.Service.Registry;

namespace GridServices.FrequencyResponse.Service.Sources;

/// <summary>Samples from <c>POST /v1/samples</c>: stepped on the request's own thread.</summary>
internal sealed class HttpSource(EntryId id, SourceSettings settings, SourceDependencies dependencies) : SourceReader(id, settings, dependencies)
{
    public override void Start()
    {
        // Nothing to listen on: the service's own port is.
    }

    public void Process(in FrequencySample sample, bool more) => Deliver(sample, more);

    protected override void Receive()
    {
    }
}
