namespace GridServices.Simulators.DerServer;

/// <summary>Something that a person asked of the simulator makes no sense; the message says what.</summary>
public sealed class SimException : Exception
{
    public SimException()
    {
    }

    public SimException(string message)
        : base(message)
    {
    }

    public SimException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
