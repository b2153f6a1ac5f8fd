namespace EntityImport.Csv;

/// <summary>
/// Remembers where the quotes of a broken record led, so that following them again from a later line costs nothing: this keeps the
/// tokenizer linear on files made of broken quotes.
/// </summary>
/// <remarks>
/// A broken record ends with its first line, so its other lines are read again as records of their own, and each may open a quote that leads as
/// far as the first one did. But a line end inside quotes has no history: every record that crosses the same line end inside
/// quotes goes on in the same way from there. So the trail keeps the stretch that was followed and the state at its end. A record that
/// enters the stretch inside quotes gets its verdict from the end, which only ever moves forward.
/// </remarks>
internal sealed class QuoteTrail(CsvDialect dialect)
{
    private long _from = long.MaxValue;
    private long _to;
    private Place _place;
    private long _opened;

    /// <summary>How a record that follows the trail ends.</summary>
    public enum Verdict
    {
        /// <summary>At a line end within the record limit: the record is whole.</summary>
        Whole,

        /// <summary>With text after a closing quote.</summary>
        TextAfterQuote,

        /// <summary>Not within the limit or the file, and inside quotes.</summary>
        Unclosed,

        /// <summary>Not within the limit, outside of quotes.</summary>
        TooLong,

        /// <summary>Not within this buffer, which is not the file's last.</summary>
        Undecided,
    }

    private enum Place
    {
        InQuotes,
        FieldStart,
        InField,
        AfterQuote,
        TextAfterQuote,
    }

    /// <summary>Whether the line end before this offset of the file was crossed inside quotes before.</summary>
    public bool Covers(long offset) => offset >= _from && offset <= _to;

    /// <summary>Offset in the file of the last quote that opened on the trail; null where it is still the one that the trail began in.</summary>
    public long? LastOpened => _opened >= 0 ? _opened : null;

    /// <summary>Forgets the trail, for another file or part.</summary>
    public void Forget() => _from = long.MaxValue;

    /// <summary>Begins a new trail behind a line end inside quotes.</summary>
    public void Begin(long offset)
    {
        _from = _to = offset;
        _opened = -1;
        _place = Place.InQuotes;
    }

    /// <summary>Follows the trail further, as far as a record may go.</summary>
    /// <param name="data">The buffer; it holds the trail's end.</param>
    /// <param name="dataOffset">Offset of the buffer in the file.</param>
    /// <param name="limit">Offset in the file at which the record would be longer than allowed.</param>
    /// <param name="final">Whether the file ends with the buffer.</param>
    /// <param name="examined">How many bytes were looked at that had not been before.</param>
    public Verdict Follow(ReadOnlySpan<byte> data, long dataOffset, long limit, bool final, out int examined)
    {
        var quote = dialect.QuoteBytes;
        var escape = dialect.EscapeBytes;
        var delimiter = dialect.DelimiterBytes;
        var doubled = dialect.Quote == dialect.Escape;
        var from = (int)(_to - dataOffset);
        var at = from;
        try
        {
            while (_place != Place.TextAfterQuote)
            {
                if (dataOffset + at > limit) return _place == Place.InQuotes ? Verdict.Unclosed : Verdict.TooLong;
                var rest = data[at..];
                if (!final && rest.Length < CsvTokenizer.LongestMark * 2) return Verdict.Undecided;
                if (rest.IsEmpty) return _place == Place.InQuotes ? Verdict.Unclosed : Verdict.Whole;
                if (_place != Place.InQuotes && rest[0] is (byte)'\n' or (byte)'\r') return Verdict.Whole;
                switch (_place)
                {
                    case Place.InQuotes:
                        var stop = rest.IndexOfAny(quote[0], escape[0]);
                        if (stop != 0)
                        {
                            at += stop < 0 ? rest.Length : stop;
                        }
                        else if (rest.StartsWith(escape) && rest[escape.Length..].StartsWith(quote))
                        {
                            at += escape.Length + quote.Length;
                        }
                        else if (!doubled && rest.StartsWith(escape))
                        {
                            at += rest[escape.Length..].StartsWith(escape) ? 2 * escape.Length : escape.Length;
                        }
                        else if (rest.StartsWith(quote))
                        {
                            at += quote.Length;
                            _place = Place.AfterQuote;
                        }
                        else
                        {
                            at++;
                        }

                        break;

                    case Place.FieldStart when rest.StartsWith(quote):
                        _opened = dataOffset + at;
                        at += quote.Length;
                        _place = Place.InQuotes;
                        break;

                    case Place.FieldStart or Place.AfterQuote or Place.InField when rest.StartsWith(delimiter):
                        at += delimiter.Length;
                        _place = Place.FieldStart;
                        break;

                    case Place.FieldStart or Place.AfterQuote when dialect.TrimSpaces && rest[0] is (byte)' ' or (byte)'\t':
                        at++;
                        break;

                    case Place.AfterQuote:
                        _place = Place.TextAfterQuote;
                        break;

                    default:
                        _place = Place.InField;
                        var next = rest[1..].IndexOfAny(delimiter[0], (byte)'\n', (byte)'\r');
                        at += next < 0 ? rest.Length : next + 1;
                        break;
                }
            }

            return Verdict.TextAfterQuote;
        }
        finally
        {
            _to = dataOffset + at;
            examined = at - from;
        }
    }
}
