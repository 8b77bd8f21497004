"""The sentences of errors in German, for pages and for the API's clients.

`…` is any text, and `$one`, `$two` what is there, in German if `PARTS` has it. General sentences come last.
"""

PROBLEMS = {
    # Accounts, passwords and tokens.
    "The username or password is incorrect": "Name oder Passwort stimmt nicht",
    "The username or recovery code is incorrect": "Name oder Wiederherstellungscode stimmt nicht",
    "Invalid password.": "Das Passwort stimmt nicht.",
    "Enter your username": "Gib deinen Namen ein",
    "Enter your password": "Gib dein Passwort ein",
    "Enter your recovery code": "Gib deinen Wiederherstellungscode ein",
    "Username must be 1 to 30 letters a-z, digits and underscores": "Der Name darf 1 bis 30 Buchstaben a-z, Ziffern "
    "und Unterstriche haben",
    "Username is reserved": "Diesen Namen behält der Server für sich",
    "Username has already been taken": "Diesen Namen hat schon jemand",
    "Password must have 8 to 256 characters": "Das Passwort muss 8 bis 256 Zeichen haben",
    "The new password and its confirmation are different": "Das neue Passwort und seine Wiederholung sind verschieden",
    "Agreement must be accepted": "Du musst den Regeln zustimmen",
    "This instance does not accept new accounts": "Dieser Server nimmt gerade niemanden neu auf",
    "Another website submitted this form. Go back to the app and start again": "Dieses Formular kam von einer anderen "
    "Website. Geh zurück in die App und fang noch einmal an",
    "This app is not registered here, or its registration has expired": "Diese App ist hier nicht bekannt, oder ihre "
    "Anmeldung ist abgelaufen",
    "Access was denied": "Der Zugriff wurde abgelehnt",
    "Your login is currently disabled": "Dein Konto ist zurzeit gesperrt",
    "The access token is invalid": "Diese Sitzung gilt nicht mehr",
    "This method requires an authenticated user": "Dafür musst du angemeldet sein",
    "This action is not allowed": "Das ist nicht erlaubt",
    "This action is outside the authorized scopes": "Das hast du dieser App nicht erlaubt",
    # What does not exist.
    "Nobody here has this name": "Hier heißt niemand so",
    "Account not found": "Dieses Konto gibt es nicht",
    "Conversation not found": "Dieses Gespräch gibt es nicht",
    "Filter not found": "Diesen Filter gibt es nicht",
    "Follow request not found": "Diese Anfrage gibt es nicht mehr",
    "Keyword not found": "Dieses Wort gibt es nicht",
    "List not found": "Diese Liste gibt es nicht",
    "Message not found": "Diese Nachricht gibt es nicht oder nicht mehr",
    "Not found": "Das gibt es nicht",
    "Notification group not found": "Diese Mitteilungen gibt es nicht mehr",
    "Notification not found": "Diese Mitteilung gibt es nicht mehr",
    "Notification request not found": "Diese Anfrage gibt es nicht mehr",
    "Picture not found": "Dieses Bild gibt es nicht",
    "Poll not found": "Diese Umfrage gibt es nicht mehr",
    "Record not found": "Diesen Hashtag zeigt dein Profil nicht",
    "Scheduled message not found": "Diese geplante Nachricht gibt es nicht mehr",
    "The filter has no such message": "Diese Nachricht ist nicht in dem Filter",
    "There is no such session": "Diese Sitzung gibt es nicht",
    "This address does not exist": "Diese Adresse gibt es nicht",
    "This address does not support this method": "So lässt sich diese Adresse nicht aufrufen",
    "This is not a hashtag": "Das ist kein Hashtag",
    "This is not a hashtag (tagged)": "Das ist kein Hashtag (tagged)",
    "Validation failed: This is not a hashtag (name)": "Das ist kein Hashtag",
    "These are not all hashtags (…)": "Das sind nicht alles Hashtags ($one)",
    "There can be at most 4 more hashtags (…)": "Höchstens 4 weitere Hashtags sind möglich ($one)",
    # Messages.
    "Text can't be blank": "Schreib einen Text",
    "A message can have at most 20 hashtags": "Eine Nachricht kann höchstens 20 Hashtags haben",
    "A message can mention at most 20 people": "Eine Nachricht kann höchstens 20 Leute nennen",
    "A lifetime at the end of the text must be at most …. To post it as a hashtag, add a word after it.": "Die "
    "Lebenszeit am Ende des Textes darf höchstens $one sein. Soll es ein Hashtag sein, schreib ein Wort dahinter.",
    "A lifetime at the end of the text must be at least …. To post it as a hashtag, add a word after it.": "Die "
    "Lebenszeit am Ende des Textes muss mindestens $one sein. Soll es ein Hashtag sein, schreib ein Wort dahinter.",
    "Expiry date is too far in the future: expires_in must be at most … seconds": "Die Lebenszeit ist zu lang: "
    "höchstens $one Sekunden",
    "Expiry date is too soon: expires_in must be at least … seconds": "Die Lebenszeit ist zu kurz: mindestens $one "
    "Sekunden",
    "Only its first message can make a thread end together. Leave thread_ends_together out of this reply.": "Nur die "
    "erste Nachricht kann bestimmen, dass alle zusammen enden, nicht eine Antwort.",
    "The thread ends before this time": "Das Gespräch endet vor dieser Zeit",
    "The message posted with this Idempotency-Key is gone": "Diese Nachricht wurde schon geschrieben und ist weg",
    "Someone else's post cannot be pinned": "Nur eigene Nachrichten lassen sich anheften",
    "Boosts cannot be pinned": "Geteilte Nachrichten lassen sich nicht anheften",
    "Posts that are only visible to mentioned users cannot be pinned": "Nachrichten nur an Genannte lassen sich nicht "
    "anheften",
    "You have already pinned the maximum number of posts": "Mehr Nachrichten kannst du nicht anheften",
    "You can only … your own messages": "Das geht nur mit deinen eigenen Nachrichten",
    "You can only change who may quote your own messages": "Wer zitieren darf, bestimmst du nur bei deinen eigenen "
    "Nachrichten",
    "You can only revoke quotes of your own messages": "Nur Zitate deiner eigenen Nachrichten kannst du zurücknehmen",
    "Direct messages can't be quoted": "Nachrichten nur an Genannte lassen sich nicht zitieren",
    "The message's author does not allow you to quote it": "Wer die Nachricht geschrieben hat, lässt sie dich nicht "
    "zitieren",
    "A direct message has to mention the author of the message that it quotes": "Eine Nachricht nur an Genannte muss "
    "auch nennen, wen sie zitiert",
    "A message can't be quoted by its address. Send its id as quoted_status_id instead.": "Zitiert wird nicht mit der "
    "Adresse, sondern mit der id (quoted_status_id).",
    "The message could not be posted. Try again in a moment.": "Die Nachricht ließ sich nicht senden. Versuch es "
    "gleich noch einmal.",
    "The message could not be edited. Try again in a moment.": "Die Nachricht ließ sich nicht ändern. Versuch es "
    "gleich noch einmal.",
    "The message could not be boosted. Try again in a moment.": "Die Nachricht ließ sich nicht teilen. Versuch es "
    "gleich noch einmal.",
    "Some messages are not deleted yet. Try again in a moment.": "Noch sind nicht alle Nachrichten gelöscht. Versuch "
    "es gleich noch einmal.",
    # Scheduled messages.
    "Record invalid": "Das ist kein gültiger Zeitpunkt",
    "A message can be scheduled for at most … days ahead": "Nachrichten lassen sich höchstens $one Tage im Voraus "
    "planen",
    "Validation failed: Scheduled at The scheduled date must be in the future": "Die Zeit muss mindestens fünf Minuten "
    "in der Zukunft liegen",
    "This message is about to be posted. Delete it after that instead.": "Diese Nachricht geht gerade hinaus. Lösch "
    "sie danach.",
    "You can't schedule more than 40 messages at a time": "Du kannst nicht mehr als 40 Nachrichten zugleich planen",
    # Polls.
    "Choose at least one of the poll's options (choices)": "Wähle mindestens eine Antwort",
    "Validation failed: The poll has already ended": "Die Umfrage ist beendet",
    "Validation failed: The chosen vote option does not exist": "Diese Antwort gibt es nicht",
    "Validation failed: You cannot vote in your own polls": "In deinen eigenen Umfragen kannst du nicht abstimmen",
    "Validation failed: You have already voted on this poll": "Du hast schon abgestimmt",
    "The poll was changed while you voted. Read it again before you vote.": "Die Umfrage wurde gerade geändert. Lies "
    "sie noch einmal, bevor du abstimmst.",
    "Validation failed: Options contain duplicate items": "Zwei Antworten sind gleich",
    "Validation failed: Options must have more than one item": "Eine Umfrage braucht mindestens zwei Antworten",
    "Validation failed: Options cannot be longer than 50 characters each": "Eine Antwort darf höchstens 50 Zeichen "
    "haben",
    "Validation failed: Options can't contain more than 4 items": "Eine Umfrage darf höchstens 4 Antworten haben",
    "Validation failed: Expires at can't be blank (poll[expires_in])": "Die Umfrage braucht ein Ende",
    "Validation failed: Expires at is too far into the future: a poll can be open for at most … seconds": "Die Umfrage "
    "ist zu lang: höchstens $one Sekunden",
    "Validation failed: Expires at is too soon: a poll must be open for at least … seconds": "Die Umfrage ist zu kurz: "
    "mindestens $one Sekunden",
    # People.
    "You can't … yourself": "Das geht nicht mit dir selbst",
    "You can't report yourself": "Dich selbst kannst du nicht melden",
    "You can follow at most … accounts. Unfollow one of them first.": "Du kannst höchstens $one Leuten folgen. Folge "
    "zuerst jemandem nicht mehr.",
    "You can follow at most 100 hashtags, and fewer if their names are long. Unfollow one of them first.": "Du kannst "
    "höchstens 100 Hashtags folgen, weniger, wenn sie lang sind. Folge zuerst einem nicht mehr.",
    "An account can be followed in at most 20 languages": "Einem Konto kannst du in höchstens 20 Sprachen folgen",
    "You can be notified of the messages of at most 200 accounts. Switch one of them off first.": "Mitteilungen über "
    "neue Nachrichten gibt es für höchstens 200 Leute. Schalte sie zuerst für jemanden ab.",
    "The duration of a mute can't be negative. Set 0 to mute for good": "Die Dauer kann nicht negativ sein; 0 heißt "
    "für immer",
    "A mute can last at most 315360000 seconds (duration), or 0 for good": "Stumm bleibt jemand höchstens zehn Jahre "
    "lang oder für immer",
    "You can mute at most 50 conversations. Unmute one of them first.": "Du kannst höchstens 50 Gespräche "
    "stummschalten. Lass zuerst eines wieder zu.",
    "Validation failed: You must be already following the person you want to endorse": "Auf deinem Profil zeigst du "
    "nur Leute, denen du folgst",
    "You can feature at most 10 hashtags. Remove one of them first.": "Dein Profil zeigt höchstens 10 Hashtags. "
    "Entferne zuerst einen.",
    "A profile can have at most 4 fields": "Ein Profil hat höchstens 4 Angaben",
    "A profile field must have a name": "Sag zu jeder Angabe, was es ist",
    "The language must be a tag such as en or pt-BR": "Die Sprache muss ein Kürzel wie en oder pt-BR sein",
    "Servers can't be blocked, because this one connects to no others. Block or mute people instead.": "Server lassen "
    "sich nicht blockieren, denn dieser ist mit keinem anderen verbunden. Blockiere Leute, oder schalte sie stumm.",
    # Lists, filters and reports.
    "A list needs a title": "Eine Liste braucht einen Namen",
    "A list can have at most 500 accounts": "Eine Liste kann höchstens 500 Leute haben",
    "The account is already in the list": "Diese Person ist schon in der Liste",
    "The list Going soon is everybody's and has no members. It can't be changed or deleted.": "Die Liste „Bald weg“ "
    "haben alle, und sie hat keine Mitglieder. Sie lässt sich nicht ändern oder löschen.",
    "You can only add accounts that you follow": "In Listen kommen nur Leute, denen du folgst",
    "You can have at most 50 lists. Delete one of them first.": "Du kannst höchstens 50 Listen haben. Lösch zuerst "
    "eine.",
    "You can have at most 100 filters. Delete some first.": "Du kannst höchstens 100 Filter haben. Lösch zuerst "
    "einige.",
    "A filter can have at most 100 keywords": "Ein Filter kann höchstens 100 Wörter haben",
    "A filter can expire at most 315360000 seconds from now (expires_in)": "Ein Filter gilt höchstens zehn Jahre lang",
    "Your filters can have at most 60 messages that are live. Remove some first.": "Deine Filter können höchstens 60 "
    "einzelne Nachrichten haben. Entferne zuerst einige.",
    "Your filters can take at most 4000 bytes: the titles and keywords, and about 10 bytes for each of these. Remove "
    "some first.": "Deine Filter sind zusammen zu groß. Entferne zuerst einige Wörter.",
    "Context, action and expiry can't be changed with this app, because they apply to all keywords of a filter that "
    "has several. Use an app that shows filters with their keywords.": "Mit dieser App lassen sich Orte, Wirkung und "
    "Dauer nicht ändern, denn sie gelten für alle Wörter des Filters. Nimm eine App, die Filter mit ihren Wörtern "
    "zeigt.",
    "Validation failed: Status has already been taken": "Diese Nachricht hat der Filter schon",
    "There are no pictures to blur: FSTREAM is text only. Choose warn or hide.": "Hier gibt es keine Bilder, die sich "
    "verwischen lassen. Wähle Warnen oder Verbergen.",
    "Give a reason, which the author will read": "Gib einen Grund an, den die andere Seite lesen wird",
    "A report can have at most 20 messages": "Eine Meldung kann höchstens 20 Nachrichten haben",
    "All messages in a report must be by the reported account": "Alle Nachrichten einer Meldung müssen von dem "
    "gemeldeten Konto sein",
    "This instance has no such rule": "Diese Regel hat der Server nicht",
    "The cursor must be that of a link to the next page": "Das ist nicht der Link vom Ende einer Datei",
    # What is not supported.
    "Pictures and other media are not supported: FSTREAM is text only. Put a link in your message instead.": "Bilder "
    "und andere Medien gibt es hier nicht, nur Text. Schreib stattdessen einen Link in die Nachricht.",
    "Pictures and other files are not supported: FSTREAM is text only, and avatars are generated": "Bilder und andere "
    "Dateien gibt es hier nicht, nur Text; Profilbilder macht der Server",
    "Profile pictures are generated and can't be changed. Everyone gets one of their own.": "Profilbilder macht der "
    "Server, für alle ein eigenes. Sie lassen sich nicht ändern.",
    "Push notifications are not supported. Poll /api/v1/notifications instead.": "Push-Mitteilungen gibt es hier "
    "nicht.",
    "Push subscription not found": "Push-Mitteilungen gibt es hier nicht",
    "Translation is not supported. Use your client or browser to translate messages.": "Übersetzen kann dieser Server "
    "nicht. Nimm dafür deine App oder den Browser.",
    "Circles are not supported. Mention the people in a direct message instead.": "Kreise gibt es hier nicht. Nenne "
    "die Leute in einer Nachricht nur an Genannte.",
    "Conversations can't be replied to. Reply to one of their messages.": "Antworte nicht auf das Gespräch, sondern "
    "auf eine seiner Nachrichten.",
    "Followers and followed accounts are hidden together. Set hide_collections instead.": "Follower und Gefolgte "
    "lassen sich nur zusammen verbergen.",
    "Links to websites don't name authors. Put your websites in your profile.": "Links nennen hier niemanden. Schreib "
    "deine Websites in dein Profil.",
    "Mentions can't be limited to some people. Leave out the other names.": "Nennen lassen sich nicht nur einige. Lass "
    "die anderen Namen weg.",
    "Messages can't be limited to people with an account here. Choose private or direct as visibility.": "Nachrichten "
    "nur für Leute mit einem Konto hier gibt es nicht. Schreib an deine Follower oder nur an Genannte.",
    "Messages can't be searched by their text, so leave it out. Use hashtags instead.": "Nachrichten lassen sich nicht "
    "nach ihrem Text suchen. Nimm Hashtags.",
    "Messages can't be searched by their text, so there is nothing to opt in to. Leave it off.": "Nachrichten lassen "
    "sich nicht nach ihrem Text suchen, also gibt es nichts zu erlauben.",
    "Only plain text is supported. Edit the message without markup.": "Hier gibt es nur einfachen Text. Ändere die "
    "Nachricht ohne Formatierung.",
    "Only plain text is supported. Post the message without markup.": "Hier gibt es nur einfachen Text. Schreib ohne "
    "Formatierung.",
    "Previews are not supported, and the message was not posted. Post it without a preview.": "Eine Vorschau gibt es "
    "nicht, und die Nachricht wurde nicht gesendet. Sende sie ohne Vorschau.",
    "Public messages can't be left out. List all messages instead.": "Öffentliche Nachrichten lassen sich nicht "
    "weglassen.",
    "Receivers can't be listed apart from the text. Mention them in it.": "Nenne die Leute im Text der Nachricht.",
    "Who may reply can't be limited. Choose a visibility instead.": "Wer antworten darf, lässt sich nicht beschränken. "
    "Wähle, wer die Nachricht sieht.",
    # What a server says of itself.
    "Too many …. Try again in ….": "Zu viele Versuche. Versuch es in $wait noch einmal.",
    "Too many changes at once. Try again in a moment.": "Zu viel auf einmal. Versuch es gleich noch einmal.",
    "Too many log-ins at once. Try again in a moment.": "Zu viele Anmeldungen auf einmal. Versuch es gleich wieder.",
    "The database did not answer. Try again in a moment.": "Der Server hat nicht rechtzeitig geantwortet. Versuch es "
    "gleich noch einmal.",
    "The database is busy. Try again in a moment.": "Der Server ist überlastet. Versuch es gleich noch einmal.",
    "The server made an error, which has been logged. Try again later.": "Der Server hat einen Fehler gemacht und ihn "
    "vermerkt. Versuch es später noch einmal.",
    # What many texts have in common.
    "A request can have at most … ids": "Mehr als $one ids sind in einer Anfrage nicht möglich",
    "… can have at most …": "$one darf höchstens $two haben",
    "Validation failed: …": "$one",
}
PARTS = {
    "Text": "Der Text",
    "Title": "Der Name",
    "A title": "Der Name",
    "Keyword": "Ein Wort",
    "Display name": "Der Name",
    "Note": "Der Text über dich",
    "A comment": "Die Anmerkung",
    "A note": "Die Notiz",
    "A reason": "Der Grund",
    "A profile field's name": "Der Name einer Angabe",
    "A profile field's value": "Der Text einer Angabe",
    "… characters, and … bytes": "$one Zeichen und $two Bytes",
    "… characters": "$one Zeichen",
    "Title can't be blank": "Der Filter braucht einen Namen",
    "Context can't be blank": "Wähle, wo der Filter gilt",
    "Context None or invalid context supplied": "Diese Orte gibt es nicht",
    "Keyword can't be blank": "Ein Wort ist leer",
    "…, …": "$one. $two",
}
