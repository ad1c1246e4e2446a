using GridServices.Contracts;
using NodaTime;

namespace GridServices.OpenAdr;

/// <summary>What is wrong with a configuration so far, and the checks that several rules share.</summary>
internal sealed class ConfigFaults
{
    private const long MostWatts = 1L << 53;
    private readonly List<Problem> problems = [];

    public IReadOnlyList<Problem> Problems => problems;

    public void Add(string pointer, string detail) => Add(ErrorClass.Configuration, pointer, detail);

    public void Add(ErrorClass error, string pointer, string detail) => problems.Add(Contracts.Problems.Create(error, detail, pointer));

    public void Identifier(string pointer, string text)
    {
        if (!Identifiers.IsSafe(text))
        {
            Add(ErrorClass.SemanticId, pointer, "must have 1 to 128 of A-Z a-z 0-9 . _ : ~ - , begin with a letter, digit or _ and hold no '..'");
        }
    }

    public void Once(string pointer, string name, HashSet<string> seen)
    {
        if (!seen.Add(name))
        {
            Add(ErrorClass.DuplicateId, pointer, $"{SafeText.Short(name)} stands there twice");
        }
    }

    public void Watts(string pointer, long? value)
    {
        if (value is < 0 or > MostWatts)
        {
            Add(ErrorClass.SemanticNumber, pointer, "must lie between 0 and 2^53 W; leave it out for 'no statement' (0 means nothing allowed)");
        }
    }

    public void Within(string pointer, Duration? value, Duration least, Duration most)
    {
        if (value is { } duration && (duration < least || duration > most))
        {
            Add(pointer, $"must lie between {TimeText.Format(least)} and {TimeText.Format(most)}");
        }
    }
}
