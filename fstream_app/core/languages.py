"""Languages as clients write them, turned into tags of BCP 47."""

import re
import unicodedata
from collections.abc import Mapping

from fstream_app.core.warm import remembered

MAX_LENGTH = 100
"""Number of characters of a text that are read. No tag or name of a language is longer."""
MAX_SUBTAGS = 3
"""Number of subtags that are kept after the language."""

_ALIASES = """
aa: aar, afar; ab: abk, abkhazian; ae: ave, avestan; af: afr, afrikaans; ak: aka, akan; am: amh, amharic; an: arg,
aragonese; ar: ara, arabic, العربية; as: asm, assamese; av: ava, avaric; ay: aym, aymara; az: aze, azerbaijani; ba:
bak, bashkir; be: bel, belarusian; bg: bul, bulgarian, български; bi: bis, bislama; bm: bam, bambara; bn: ben,
bengali, বাংলা; bo: bod, tib, tibetan; br: bre, breton; bs: bos, bosnian; ca: cat, catalan, valencian, català; ce:
che, chechen; ch: cha, chamorro; co: cos, corsican; cr: cre, cree; cs: ces, cze, czech, čeština; cu: chu, church
slavic, old slavonic, church slavonic, old bulgarian, old church slavonic; cv: chv, chuvash; cy: cym, wel, welsh,
cymraeg; da: dan, danish, dansk; de: deu, ger, german, deutsch; dv: div, divehi, dhivehi, maldivian; dz: dzo,
dzongkha; ee: ewe; el: ell, gre, greek, ελληνικά; en: eng, english; eo: epo, esperanto; es: spa, spanish, castilian,
español, castellano; et: est, estonian, eesti; eu: baq, eus, basque, euskara; fa: fas, per, persian, فارسی, farsi; ff:
ful, fulah; fi: fin, finnish, suomi; fj: fij, fijian; fo: fao, faroese; fr: fra, fre, french, français; fy: fry,
western frisian, frisian, frysk; ga: gle, irish, gaeilge; gd: gla, gaelic, scottish gaelic, gàidhlig; gl: glg,
galician, galego; gn: grn, guarani; gu: guj, gujarati; gv: glv, manx; ha: hau, hausa; he: heb, iw, hebrew, עברית; hi:
hin, hindi, हिन्दी; ho: hmo, hiri motu; hr: hrv, croatian, hrvatski; ht: hat, haitian, haitian creole; hu: hun,
hungarian, magyar; hy: arm, hye, armenian, հայերեն; hz: her, herero; ia: ina, interlingua; id: ind, in, indonesian,
bahasa indonesia; ie: ile, interlingue, occidental; ig: ibo, igbo; ii: iii, sichuan yi, nuosu; ik: ipk, inupiaq; io:
ido; is: ice, isl, icelandic, íslenska; it: ita, italian, italiano; iu: iku, inuktitut; ja: jpn, japanese, 日本語; jv:
jav, jw, javanese; ka: geo, kat, georgian, ქართული; kg: kon, kongo; ki: kik, kikuyu, gikuyu; kj: kua, kuanyama,
kwanyama; kk: kaz, kazakh, қазақша; kl: kal, kalaallisut, greenlandic; km: khm, central khmer, khmer; kn: kan,
kannada; ko: kor, korean, 한국어; kr: kau, kanuri; ks: kas, kashmiri; ku: kur, kurdish, kurdî; kv: kom, komi; kw: cor,
cornish; ky: kir, kirghiz, kyrgyz; la: lat, latin; lb: ltz, luxembourgish, letzeburgesch; lg: lug, ganda; li: lim,
limburgan, limburger, limburgish; ln: lin, lingala; lo: lao; lt: lit, lithuanian, lietuvių; lu: lub, luba-katanga; lv:
lav, latvian, latviešu; mg: mlg, malagasy; mh: mah, marshallese; mi: mao, mri, maori; mk: mac, mkd, macedonian,
македонски; ml: mal, malayalam; mn: mon, mongolian; mr: mar, marathi; ms: may, msa, malay, bahasa melayu; mt: mlt,
maltese; my: bur, mya, burmese; na: nau, nauru; nb: nob, bokmål, norwegian bokmål, norsk bokmål; nd: nde, ndebele,
north ndebele; ne: nep, nepali; ng: ndo, ndonga; nl: dut, nld, dutch, flemish, nederlands; nn: nno, norwegian nynorsk,
nynorsk, norsk nynorsk; no: nor, norwegian, norsk; nr: nbl, ndebele, south ndebele; nv: nav, navajo, navaho; ny: nya,
chichewa, chewa, nyanja; oc: oci, occitan, provençal; oj: oji, ojibwa; om: orm, oromo; or: ori, oriya; os: oss,
ossetian, ossetic; pa: pan, panjabi, punjabi; pi: pli, pali; pl: pol, polish, polski; ps: pus, pushto, pashto; pt:
por, portuguese, português; qu: que, quechua; rm: roh, romansh; rn: run, rundi; ro: ron, rum, mo, romanian, moldavian,
moldovan, română; ru: rus, russian, русский; rw: kin, kinyarwanda; sa: san, sanskrit; sc: srd, sardinian; sd: snd,
sindhi; se: sme, northern sami; sg: sag, sango; si: sin, sinhala, sinhalese; sk: slk, slo, slovak, slovenčina; sl:
slv, slovenian, slovenščina, slovene; sm: smo, samoan; sn: sna, shona; so: som, somali; sq: alb, sqi, albanian, shqip;
sr: srp, serbian, српски, srpski; ss: ssw, swati; st: sot, sotho; su: sun, sundanese; sv: swe, swedish, svenska; sw:
swa, swahili; ta: tam, tamil, தமிழ்; te: tel, telugu, తెలుగు; tg: tgk, tajik; th: tha, thai, ไทย; ti: tir, tigrinya;
tk: tuk, turkmen; tl: tgl, tagalog, filipino; tn: tsn, tswana; to: ton, tonga; tr: tur, turkish, türkçe; ts: tso,
tsonga; tt: tat, tatar; tw: twi; ty: tah, tahitian; ug: uig, uighur, uyghur; uk: ukr, ukrainian, українська; ur: urd,
urdu, اردو; uz: uzb, uzbek; ve: ven, venda; vi: vie, vietnamese, tiếng việt; vo: vol, volapük; wa: wln, walloon; wo:
wol, wolof; xh: xho, xhosa; yi: yid, ji, yiddish; yo: yor, yoruba; za: zha, zhuang, chuang; zh: chi, zho, chinese, 中文,
mandarin; zu: zul, zulu
"""
"""ISO 639-1's languages: other codes (ISO 639-2, withdrawn ones), and names in English and in the language itself."""
_LANGUAGE = re.compile("[a-z]{2,3}")
_SUBTAG = re.compile("[a-z0-9]{1,8}")
_UNDETERMINED = "und"


def tag(text: str) -> str | None:
    """Return the tag (BCP 47) of the language that a text names, or None.

    Reads locales (`en_US.UTF-8`), any case, codes of ISO 639-2, names (`english`, `Deutsch`), and the first entry of a
    list such as Accept-Language. Anything after a language that is not a subtag is dropped.
    """
    if len(text) > MAX_LENGTH:
        return None
    plain = unicodedata.normalize("NFKC", text).lower()
    first = re.split(r"[,;.@(]", plain, maxsplit=1)[0].strip().replace("_", "-")
    if (known := _aliases().get(first)) is not None:
        return known
    language, *more = first.split("-")
    code = _aliases().get(language, language)
    if not _LANGUAGE.fullmatch(code) or code == _UNDETERMINED:
        return None
    return "-".join([code, *_subtags(more)])


def _subtags(written: list[str]) -> list[str]:
    """Return the subtags after a language, in the case that BCP 47 recommends (RFC 5646, section 2.1.1)."""
    kept: list[str] = []
    for subtag in written[:MAX_SUBTAGS]:
        if not _SUBTAG.fullmatch(subtag):
            break
        is_extension = any(len(each) == 1 for each in kept)
        kept.append(subtag if is_extension else _cased(subtag))
    while kept and len(kept[-1]) == 1:  # the beginning of an extension, without the rest
        kept.pop()
    return kept


def _cased(subtag: str) -> str:
    if not subtag.isalpha():
        return subtag
    return {2: subtag.upper(), 4: subtag.title()}.get(len(subtag), subtag)


@remembered
def _aliases() -> Mapping[str, str]:
    """Return the language codes by their aliases."""
    entries = [entry.split(": ") for entry in " ".join(_ALIASES.split()).split("; ")]
    return {unicodedata.normalize("NFKC", alias): code for code, aliases in entries for alias in aliases.split(", ")}
