namespace GridServices.Hosting;

/// <summary>
/// The service can't start, for a reason a person can fix: <see cref="GridService.RunAsync"/> prints the message as one line and exits with 1.
/// </summary>
public sealed class StartException : Exception
{
    public StartException(string message)
        : base(message)
    {
    }

    public StartException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
