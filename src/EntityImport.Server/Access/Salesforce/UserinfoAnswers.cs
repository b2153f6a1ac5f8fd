using System.Security.Cryptography;
using System.Text;
using EntityImport.Server.Hosting;
using EntityImport.Server.Options;

namespace EntityImport.Server.Access.Salesforce;

/// <summary>
/// What Salesforce has said of the tokens of an environment, so that it is asked once for many requests, and never for more at a time than it should be. Good and bad tokens are
/// remembered apart: however many bad ones come, the good ones stay. Thread-safe.
/// </summary>
internal sealed class UserinfoAnswers(SalesforceEnvironmentOptions options, Userinfo userinfo, TimeProvider time)
{
    private readonly Lock _state = new();
    private readonly RememberedAnswers _good = new(options.RememberedTokens, TimeSpan.FromMinutes(options.GoodMinutes), time);
    private readonly RememberedAnswers _bad = new(options.RememberedTokens, TimeSpan.FromSeconds(options.BadSeconds), time);
    private readonly Dictionary<string, Task<UserinfoAnswer>> _asked = [];
    private readonly Allowance _calls = new(options.CallsPerSecond, TimeSpan.FromSeconds(1), time);

    /// <summary>Whether a token response's access token is good, and its own. Requests with the same one, at the same time, wait for the same answer.</summary>
    public Task<UserinfoAnswer> FindAsync(TokenResponse response)
    {
        var key = KeyOf(response);
        lock (_state)
        {
            if (_good.Find(key) is { } good) return Task.FromResult(good);
            if (_bad.Find(key) is { } bad) return Task.FromResult(bad);
            if (_asked.TryGetValue(key, out var asked)) return asked;
            if (_asked.Count >= options.CallsAtOnce || !_calls.TryTake()) return Task.FromResult(UserinfoAnswer.CannotTell("too-many-questions"));
            // What is asked here is not one request's alone: it goes on when that one is gone.
            return _asked[key] = Task.Run(() => AskAsync(key, response));
        }
    }

    private async Task<UserinfoAnswer> AskAsync(string key, TokenResponse response)
    {
        var answer = UserinfoAnswer.CannotTell("salesforce-not-asked");
        try
        {
            return answer = await userinfo.AskAsync(response);
        }
        finally
        {
            lock (_state)
            {
                _asked.Remove(key);
                if (answer.IsCertain) (answer.IsGood ? _good : _bad).Add(key, answer);
            }
        }
    }

    /// <summary>A hash of what the answer depends on: of whom it is claimed to be, and the token, which is kept nowhere. What it does not depend on, age and signature, is checked each time.</summary>
    private static string KeyOf(TokenResponse response) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{response.Id}\n{response.AccessToken}")));
}

/// <summary>Answers that are remembered for a while, those that came last where there are too many. Not thread-safe.</summary>
internal sealed class RememberedAnswers(int most, TimeSpan lifetime, TimeProvider time)
{
    private readonly Dictionary<string, (UserinfoAnswer Answer, long At)> _answers = [];
    private readonly Queue<(string Key, long At)> _order = new();

    /// <summary>An answer that is still to be believed.</summary>
    public UserinfoAnswer? Find(string key) => _answers.TryGetValue(key, out var found) && time.GetElapsedTime(found.At) < lifetime ? found.Answer : null;

    /// <summary>Takes up an answer, and lets go what is over or too much.</summary>
    public void Add(string key, UserinfoAnswer answer)
    {
        var now = time.GetTimestamp();
        _answers[key] = (answer, now);
        _order.Enqueue((key, now));
        while (_order.TryPeek(out var oldest) && (_answers.Count > most || time.GetElapsedTime(oldest.At, now) >= lifetime))
        {
            _order.Dequeue();
            // The same token may have been asked for again, later.
            if (_answers.TryGetValue(oldest.Key, out var kept) && kept.At == oldest.At) _answers.Remove(oldest.Key);
        }
    }
}
