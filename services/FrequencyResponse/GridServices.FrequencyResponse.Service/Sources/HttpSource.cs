using GridServices.FrequencyResponse.Measurement;
using GridServices.FrequencyResponse.Service.Registry;

namespace GridServices.FrequencyResponse.Service.Sources;

/// <summary>Samples from <c>POST /v1/samples</c>: stepped on the request's own thread.</summary>
internal sealed class HttpSource(EntryId id, SourceSettings settings, SourceDependencies ground) : SourceReader(id, settings, ground)
{
    public override void Start()
    {
        // Nothing to listen on: the service's own port is.
    }

    public void Take(in FrequencySample sample, bool more) => Deliver(sample, more);

    protected override void Receive()
    {
    }
}
