//! Templates in languages of the Latin script, with their diacritics.

use super::Phrases;

pub(super) static ENGLISH: Phrases = Phrases {
    names: &["Alex", "Grace", "Noah", "Olivia", "Sam", "Zoë"],
    code: &[
        "{code} is your {brand} code. It is valid for 5 minutes. Never share it.",
        "Your {brand} verification code: {code}",
    ],
    parcel: &[
        "Hi {name}, your parcel {ref} is on its way and arrives today after {time}.",
        "Your order {ref} has been dispatched.",
        "Parcel {ref} is waiting at the pick-up point. Bring an ID 📦",
    ],
    payment: &[
        "Card payment of {amount} EUR at {time}. Not you? Block the card in the {brand} app.",
        "You received {amount} EUR from {name}.",
    ],
    invoice: &[
        "Dear {name}, your {brand} invoice {ref} over {amount} EUR is ready. It is due within 14 days. You will find the itemised bill, your meter readings and all ways to pay in your customer account. Thank you for choosing {brand}.",
        "Invoice {ref}: {amount} EUR, due in 14 days. {brand}",
    ],
    reminder: &[
        "Reminder: {name}, your appointment is tomorrow at {time}. Reply C to cancel.",
        "See you today at {time}! Your {brand} team",
    ],
    offer: &[
        "{name}, 20% off everything this weekend at {brand} 🎉 Show this message at the till.",
        "Last chance, {name}: free delivery until midnight with code SHIP24. {brand} - text STOP to opt out of our messages at any time, standard rates apply, terms on our website.",
    ],
};

pub(super) static FRENCH: Phrases = Phrases {
    names: &["Amélie", "Chloé", "Hélène", "Jérôme", "Léo", "Théo"],
    code: &["{code} est votre code {brand}. Ne le communiquez à personne."],
    parcel: &[
        "Bonjour {name}, votre colis {ref} sera livré aujourd'hui après {time}.",
        "Votre commande {ref} a été expédiée 📦",
    ],
    payment: &["Paiement de {amount} € à {time}. Ce n'était pas vous ? Bloquez votre carte."],
    invoice: &[
        "Chère cliente, cher client, votre facture {ref} de {amount} € est disponible dans votre espace client {brand}. Échéance sous 14 jours, prélèvement automatique dès réception.",
    ],
    reminder: &["Rappel : {name}, rendez-vous demain à {time}. Répondez A pour annuler."],
    offer: &[
        "{name}, -20 % sur tout le magasin ce week-end chez {brand} ! Fêtez la rentrée avec nous.",
        "{name}, dernière chance : livraison offerte jusqu'à minuit 🎁 {brand}",
    ],
};

pub(super) static GERMAN: Phrases = Phrases {
    names: &["Anna", "Björn", "Jürgen", "Käthe", "Lukas", "Zoë"],
    code: &["{code} ist Ihr {brand}-Code. Geben Sie ihn nicht weiter."],
    parcel: &[
        "Hallo {name}, Ihr Paket {ref} kommt heute nach {time} Uhr.",
        "Ihre Bestellung {ref} wurde verschickt.",
    ],
    payment: &["Kartenzahlung über {amount} EUR um {time} Uhr. Nicht Sie? Karte sofort sperren."],
    invoice: &[
        "Guten Tag {name}, Ihre Rechnung {ref} über {amount} EUR liegt im {brand}-Kundenportal bereit. Bitte überweisen Sie den Betrag innerhalb von 14 Tagen. Vielen Dank und schöne Grüße!",
    ],
    reminder: &["Erinnerung: Ihr Termin ist morgen um {time} Uhr. Absagen bitte bis heute Abend."],
    offer: &[
        "{name}, nur heute: 20 % auf alles, außer Gutscheine. Größe tauschen kostenlos! {brand}",
        "Hallo {name}, gratis Versand bis Mitternacht 🚚 {brand}",
    ],
};

pub(super) static SWEDISH: Phrases = Phrases {
    names: &["Åsa", "Björn", "Elin", "Göran", "Maja"],
    code: &["{code} är din kod hos {brand}. Lämna den aldrig till någon."],
    parcel: &["Hej {name}! Ditt paket {ref} kommer idag efter {time}."],
    payment: &["Kortköp på {amount} EUR kl. {time}. Inte du? Spärra kortet i appen."],
    invoice: &["Din faktura {ref} på {amount} EUR från {brand} förfaller om 14 dagar."],
    reminder: &["Påminnelse: din tid är i morgon kl. {time}. Välkommen!"],
    offer: &["{name}, 20 % på allt i helgen hos {brand} ❄️ Gäller så länge lagret räcker."],
};

pub(super) static CROATIAN: Phrases = Phrases {
    names: &["Ana", "Božena", "Ćiro", "Đurđica", "Luka", "Željko"],
    code: &["{code} je vaš {brand} kod. Ne dijelite ga ni s kim."],
    parcel: &[
        "Poštovani, pošiljka {ref} stiže danas nakon {time}.",
        "Vaša narudžba {ref} je poslana.",
    ],
    payment: &["Plaćanje karticom: {amount} EUR u {time}. Niste vi? Odmah blokirajte karticu."],
    invoice: &[
        "Poštovani, račun {ref} u iznosu od {amount} EUR dospijeva za 14 dana. Detalje možete vidjeti u korisničkom pretincu. Vaš {brand}",
    ],
    reminder: &["Podsjetnik: {name}, pregled je sutra u {time}."],
    offer: &["{name}, samo danas 20% popusta na sve! Požurite, čekamo vas. {brand} 🛍️"],
};

pub(super) static PORTUGUESE: Phrases = Phrases {
    names: &["Conceição", "Inês", "João", "Luís", "Mônica"],
    code: &["{code} é o seu código {brand}. Não o compartilhe com ninguém."],
    parcel: &[
        "Olá {name}, sua encomenda {ref} chega hoje após as {time}.",
        "Seu pedido {ref} saiu para entrega 🚚",
    ],
    payment: &["Compra de EUR {amount} aprovada às {time}. Não foi você? Bloqueie o cartão."],
    invoice: &["{name}, sua fatura {ref} de EUR {amount} vence em 14 dias. {brand}"],
    reminder: &["Lembrete: {name}, sua consulta é amanhã às {time}. Até lá!"],
    offer: &[
        "{name}, só hoje: 20% de desconto em toda a loja e frete grátis para você 🎉 Aproveite antes da meia-noite. {brand}",
    ],
};
