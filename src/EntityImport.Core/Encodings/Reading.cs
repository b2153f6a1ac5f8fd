namespace EntityImport.Encodings;

/// <summary>The pieces of a file as one encoding reads them, and how likely somebody wrote that.</summary>
internal sealed class Reading
{
    /// <summary>What an ASCII character costs that is no part of a word, as a natural logarithm: about as much as one in a word, so that encodings which take it for half of another character have no advantage.</summary>
    private const double Plain = -3;
    private const double Undefined = -25;
    private const double SensibleLetter = -6.2;
    private const double SensibleCharacter = -9;
    private const double CommonSign = -5;
    private const double RareSign = -11;

    /// <summary>A sign within a word, a change of script, a capital behind small letters.</summary>
    private const double InWord = -9;
    private const double OtherScript = -8;
    private const double CapitalInWord = -6;
    private const double SmallAmongCapitals = -3;

    private const string CommonSigns = "€£¥°©®™§²³½¼¾µ–—‘’‚“”„«»‹›…•·±×÷¿¡ªº\u00A0№、。「」・（）％～！？：，；《》【】ー";

    private readonly List<Piece> _pieces = [];

    private Reading(CandidateEncoding encoding) => Encoding = encoding;

    /// <summary>The encoding.</summary>
    public CandidateEncoding Encoding { get; }

    /// <summary>The other encodings that read all pieces alike.</summary>
    public List<CandidateEncoding> Alike { get; } = [];

    /// <summary>The pieces' texts, in their order.</summary>
    public List<string> Texts { get; } = [];

    /// <summary>How likely all of it is, as a natural logarithm.</summary>
    public double Likelihood { get; private set; }

    /// <summary>How many characters of it are not ASCII.</summary>
    public int ForeignCharacters { get; private set; }

    /// <summary>How many bytes the encoding does not define.</summary>
    public int UndefinedBytes { get; private set; }

    /// <summary>Whether its characters are on an average as likely as in a language that is known.</summary>
    public bool IsSensible
    {
        get
        {
            var characters = _pieces.Sum(piece => piece.Characters);
            // What is written with thousands of characters has less likely ones, but no others between them that say nothing.
            return Encoding.IsSingleByte
                ? Likelihood >= SensibleLetter * characters
                : Likelihood - (characters - ForeignCharacters) * Plain >= SensibleCharacter * ForeignCharacters;
        }
    }

    /// <summary>Reads the pieces; null where the encoding cannot be the file's.</summary>
    public static Reading? Of(CandidateEncoding encoding, List<ForeignPiece> pieces)
    {
        var reading = new Reading(encoding);
        var models = LanguageModel.All;
        var scores = new double[models.Count];
        foreach (var piece in pieces)
        {
            var text = encoding.Decode(piece.Bytes);
            reading.Texts.Add(text);
            reading.Take(text, models, scores);
            if (reading.UndefinedBytes > 5 + pieces.Count / 20) return null;
        }

        reading.Weigh(models.Count);
        return reading;
    }

    /// <summary>How likely a text is in this reading, whose languages are known by now.</summary>
    private void Weigh(int languages)
    {
        // A file is in one language or in few, so what its other words are counts for each of them.
        var shares = new double[languages];
        Array.Fill(shares, 1.0 / languages);
        for (var round = 0; round < 3; round++)
        {
            var found = new double[languages];
            Likelihood = -Encoding.Rarity;
            foreach (var piece in _pieces)
            {
                Likelihood += piece.Other;
                foreach (var word in piece.Words)
                {
                    var best = double.NegativeInfinity;
                    for (var i = 0; i < languages; i++) best = Math.Max(best, word[i]);
                    var sum = 0.0;
                    for (var i = 0; i < languages; i++) sum += shares[i] * Math.Exp(word[i] - best);
                    for (var i = 0; i < languages; i++) found[i] += shares[i] * Math.Exp(word[i] - best) / sum;
                    Likelihood += best + Math.Log(sum);
                }
            }

            var all = found.Sum() + 1;
            for (var i = 0; i < languages; i++) shares[i] = (found[i] + 1.0 / languages) / all;
        }
    }

    private void Take(string text, IReadOnlyList<LanguageModel> models, double[] scores)
    {
        var piece = new Piece();
        for (var at = 0; at < text.Length;)
        {
            var length = WordLength(text, at);
            if (length == 0)
            {
                piece.Characters++;
                piece.Other += JudgeSign(text, at);
                if (text[at] >= 0x80) ForeignCharacters++;
                at++;
                continue;
            }

            var word = text.AsSpan(at, length);
            piece.Characters += length;
            if (System.Text.Ascii.IsValid(word)) piece.Other += Plain * length;
            else TakeWord(word, piece, models, scores);
            at += length;
        }

        _pieces.Add(piece);
    }

    private void TakeWord(ReadOnlySpan<char> word, Piece piece, IReadOnlyList<LanguageModel> models, double[] scores)
    {
        piece.Other += JudgePattern(word);
        Span<char> small = word.Length <= 256 ? stackalloc char[word.Length] : new char[word.Length];
        word.ToLowerInvariant(small);
        // .NET knows no small letter for it but itself.
        small.Replace('İ', 'i');
        for (var i = 0; i < models.Count; i++) scores[i] = models[i].Judge(small);
        piece.Words.Add([.. scores]);
        foreach (var letter in word)
            if (letter >= 0x80) ForeignCharacters++;
    }

    private static int WordLength(string text, int at)
    {
        var end = at;
        while (end < text.Length && IsLetter(text[end])) end++;
        return end - at;
    }

    private static bool IsLetter(char character) =>
        character is not ('ª' or 'º' or 'µ') && (char.IsLetter(character) || char.GetUnicodeCategory(character) is System.Globalization.UnicodeCategory.NonSpacingMark or System.Globalization.UnicodeCategory.SpacingCombiningMark);

    private double JudgeSign(string text, int at)
    {
        var sign = text[at];
        if (sign < 0x80) return sign < ' ' ? Undefined : Plain;
        if (char.IsSurrogate(sign)) return RareSign;
        if (sign is CandidateEncoding.Undefined or < '\u00A0' or (>= '\uE000' and <= '\uF8FF') or '\uFFFD')
        {
            UndefinedBytes++;
            return Undefined;
        }

        var cost = CommonSigns.Contains(sign, StringComparison.Ordinal) ? CommonSign : RareSign;
        var isBehindLetter = at > 0 && IsLetter(text[at - 1]);
        var isBeforeLetter = at + 1 < text.Length && IsLetter(text[at + 1]);
        var isApostrophe = sign is '’' or '‘' or '·' or '・' or '–' or '—' or '\u00A0' || sign is >= '\u3000' and <= '\u303F' or >= '\uFF00' and <= '\uFF60';
        return isBehindLetter && isBeforeLetter && !isApostrophe ? cost + InWord : cost;
    }

    /// <summary>What speaks against a word whatever language it is in.</summary>
    private static double JudgePattern(ReadOnlySpan<char> word)
    {
        var sum = 0.0;
        for (var i = 1; i < word.Length; i++)
        {
            var (previous, current) = (word[i - 1], word[i]);
            if (char.IsLower(previous) && char.IsUpper(current)) sum += CapitalInWord;
            if (i > 1 && char.IsUpper(word[i - 2]) && char.IsUpper(previous) && char.IsLower(current)) sum += SmallAmongCapitals;
            if (ScriptOf(previous) is var before && ScriptOf(current) is var script && before != script && script != 0 && before != 0) sum += OtherScript;
        }

        return sum;
    }

    /// <summary>A number for each script; 0 for what is part of any.</summary>
    private static int ScriptOf(char character) => character switch
    {
        < '\u0250' or (>= '\u1E00' and <= '\u1EFF') => 1,
        >= '\u0300' and <= '\u036F' => 0,
        >= '\u0370' and <= '\u03FF' => 2,
        >= '\u0400' and <= '\u052F' => 3,
        >= '\u0590' and <= '\u05FF' => 4,
        >= '\u0600' and <= '\u06FF' => 5,
        >= '\u0E00' and <= '\u0E7F' => 6,
        >= '가' and <= '힣' => 7,
        >= '\u3000' and <= '\u9FFF' or (>= '\uFF00' and <= '\uFFEF') => 8,
        _ => 9,
    };

    private sealed class Piece
    {
        public double Other { get; set; }

        public int Characters { get; set; }

        public List<double[]> Words { get; } = [];
    }
}
