using GridServices.Simulators.DerServer.Model;

namespace GridServices.Simulators.DerServer.Procedures;

/// <summary>Sees every request, and may change the utility before it is answered.</summary>
public interface IRequestObserver
{
    void Before(SimRequest request);

    void After(SimRequest request, SimReply reply);
}
